import { compareVersions } from './needs.ts'

/** What a compiled program or library for Linux depends on. */
export interface ElfFacts {
  /** As Node calls it; undefined for a processor that Node does not run on. */
  readonly arch: string | undefined
  /** The oldest glibc that has every function it uses; undefined when it uses none. */
  readonly glibc: string | undefined
  /** Linked against V8 itself and not only Node-API, so it loads in one Node ABI alone. */
  readonly boundToNodeAbi: boolean
}

const MACHINES: Readonly<Record<number, string>> = {
  3: 'ia32',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
}

export function isElf(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46
}

/** Reads a file that `isElf` in pieces, in order: it may be larger than what fits in memory, or in one text. */
export interface ElfReader {
  readonly add: (piece: Uint8Array) => void
  readonly facts: () => ElfFacts
}

/** The names of symbols and their versions stand in a file as they are. */
export function newElfReader(): ElfReader {
  const versions = new Set<string>()
  const header = Buffer.alloc(HEADER)
  let filled = 0
  let boundToNodeAbi = false
  let end = ''
  const add = (piece: Uint8Array): void => {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    filled += bytes.copy(header, filled)
    const text = end + bytes.toString('latin1')
    // One that is cut off at the end is an older version; the next piece has it whole.
    for (const [, version = ''] of text.matchAll(/GLIBC_(\d+\.\d+)/g)) versions.add(version)
    boundToNodeAbi ||= /_ZNK?2v8|node_module_register/.test(text)
    end = text.slice(-OVERLAP)
  }
  const facts = (): ElfFacts => {
    const machine = header[5] === 2 ? header.readUInt16BE(HEADER - 2) : header.readUInt16LE(HEADER - 2)
    return { arch: MACHINES[machine], glibc: [...versions].sort(compareVersions).at(-1), boundToNodeAbi }
  }
  return { add, facts }
}

/** What a file begins with, up to the processor that it is for. */
const HEADER = 20
/** More than the longest name that is looked for. */
const OVERLAP = 64
