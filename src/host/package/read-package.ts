import { resolve } from 'node:path'
import { readArchive, type Sink } from './archive-reader.ts'
import { factsOf, type PackageFacts } from './facts.ts'
import { NO_TRUST, type Trust } from './trust.ts'

/**
 * The facts of a release file, without writing anything. The file is read once, to its end, and held to all that an
 * installation holds it to. Throws Problem or Problems.
 */
export async function readPackageFacts(file: string, trust: Trust = NO_TRUST): Promise<PackageFacts> {
  const path = resolve(file)
  return factsOf(path, await readArchive(path, NOWHERE), trust)
}

const NOWHERE: Sink = {
  directory: () => undefined,
  file: () => ({ write: () => undefined, end: () => undefined }),
  link: () => undefined,
}
