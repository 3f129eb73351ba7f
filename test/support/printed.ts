import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** Takes what commands of this process print: they write to standard output past its stream. Answers how to let it go again. */
export function takePrinted(take: (text: string) => void): () => void {
  const { writeSync } = fs
  const put = (write: typeof fs.writeSync): void => {
    fs.writeSync = write
    syncBuiltinESMExports()
  }
  put((descriptor: number, ...written: readonly unknown[]): number => {
    const [bytes, from = 0] = written
    if (descriptor !== 1 || !Buffer.isBuffer(bytes)) return Reflect.apply(writeSync, fs, [descriptor, ...written])
    take(bytes.toString('utf8', Number(from)))
    return bytes.length - Number(from)
  })
  return () => put(writeSync)
}
