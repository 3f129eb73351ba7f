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

/** The facts of a file that `isElf`. The names of symbols and their versions stand in it as they are. */
export function readElf(bytes: Uint8Array): ElfFacts {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const [low = 0, high = 0] = bytes.subarray(18, 20)
  const machine = bytes[5] === 2 ? low * 256 + high : high * 256 + low
  const versions = [...text.matchAll(/GLIBC_(\d+\.\d+)/g)].map(([, version = '']) => version)
  return {
    arch: MACHINES[machine],
    glibc: [...new Set(versions)].sort(compareVersions).at(-1),
    boundToNodeAbi: /_ZNK?2v8|node_module_register/.test(text),
  }
}
