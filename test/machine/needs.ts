import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { CACHE } from './image.ts'

const NEEDED = ['qemu-system-x86_64', 'qemu-img', 'systemd-nspawn', 'mmdebstrap', 'mke2fs', 'curl']

/** Runs a test in virtual machines where they can be made; what `main` answers is the exit code. `choice`: undefined for wrong options. */
export async function inMachines<C>(
  usage: string,
  readChoice: () => C | undefined,
  main: (choice: C) => Promise<0 | 1>,
): Promise<void> {
  const choice = choiceOf(readChoice)
  const problem = choice === undefined ? usage : whyNotHere()
  process.exitCode = 1
  if (choice === undefined || problem !== undefined) return say(problem ?? usage)
  // No machine outlives the test.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))
  mkdirSync(CACHE, { recursive: true })
  process.exitCode = await main(choice)
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

function choiceOf<C>(readChoice: () => C | undefined): C | undefined {
  try {
    return readChoice()
  } catch (error) {
    // An option that parseArgs does not know.
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** Why no virtual machine can be made here, and what would help; undefined when one can. */
function whyNotHere(): string | undefined {
  if (NEEDED.every(isThere) && process.getuid?.() === 0) return undefined
  const packages = 'qemu-system-x86 qemu-utils systemd-container mmdebstrap e2fsprogs curl'
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
