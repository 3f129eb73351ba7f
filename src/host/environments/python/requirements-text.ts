/** PowerShell writes UTF-16, in either order of its bytes, and editors of Windows a mark in front. pip reads all of them. */
export function requirementsText(bytes: Buffer): string {
  return textIn(bytes).replace(/^\uFEFF/, '')
}

function textIn(bytes: Buffer): string {
  const even = bytes.subarray(0, bytes.length & ~1)
  switch (orderIn(bytes)) {
    case 'little':
      return even.toString('utf16le')
    case 'big':
      return Buffer.from(even).swap16().toString('utf16le')
    default:
      return bytes.toString('utf8')
  }
}

/** By its mark, or without one by where the zeros of Latin letters are. */
function orderIn(bytes: Buffer): 'little' | 'big' | undefined {
  const mark = bytes.subarray(0, 2).toString('hex')
  if (mark === 'fffe') return 'little'
  if (mark === 'feff') return 'big'
  if (bytes.length < 2) return undefined
  const [first, second] = bytes
  return second === 0 && first !== 0 ? 'little' : first === 0 && second !== 0 ? 'big' : undefined
}
