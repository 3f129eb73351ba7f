import { execFileSync } from 'node:child_process'

const NEEDED = ['qemu-system-x86_64', 'qemu-img', 'mmdebstrap', 'mke2fs', 'curl']

/** Why no virtual machine can be made here, and what would help; undefined when one can. */
export function whyNotHere(): string | undefined {
  if (NEEDED.every(isThere) && process.getuid?.() === 0) return undefined
  const packages = 'qemu-system-x86 qemu-utils mmdebstrap e2fsprogs curl'
  return `this test needs root and ${NEEDED.join(', ')}. As root: apt install --no-install-recommends ${packages}`
}

function isThere(program: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v "$1"', 'sh', program], { stdio: 'ignore' })
    return true
  } catch {
    // Its exit code says no.
    return false
  }
}
