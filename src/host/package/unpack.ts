import { chmodSync, closeSync, fchmodSync, mkdirSync, openSync, rmSync, symlinkSync, writeSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { formatProblem, Problem } from '../../problem.ts'
import { writeProblem } from '../disk/disk-problem.ts'
import { readArchive, type Sink } from './archive-reader.ts'
import { factsOf, type PackageFacts } from './facts.ts'
import type { Trust } from './trust.ts'

/** What the administrator allows. */
export interface UnpackPolicy {
  readonly trust: Trust
}

/**
 * Unpacks a release into `directory`, which does not exist yet and has the tree of the plugin afterwards. When it returns,
 * everything is checked; whoever keeps it has to bring it to the disk (`syncTree`). When it throws, Problem or Problems that
 * name the entry, `directory` is gone.
 */
export async function unpackPackage(file: string, directory: string, policy: UnpackPolicy): Promise<PackageFacts> {
  const path = resolve(file)
  try {
    mkdirSync(directory, { mode: 0o700 })
  } catch (error) {
    throw unpackProblem(error, directory)
  }
  try {
    const facts = factsOf(path, await readArchive(path, intoDirectory(directory)), policy.trust)
    const refused = refusedBy(policy, facts)
    if (refused !== undefined) throw refused
    return facts
  } catch (error) {
    rmSync(directory, { recursive: true, force: true })
    throw unpackProblem(error, directory)
  }
}

/** Why the administrator does not want a release; undefined when it may be installed. */
export function refusedBy(
  { trust }: UnpackPolicy,
  { signature, file }: Pick<PackageFacts, 'signature' | 'file'>,
): Problem | undefined {
  if (signature.is === 'out of bounds') {
    const fix = [
      'Get a release that the key counts for: of that plugin, and not older.',
      `What a key counts for is said when it is trusted: mfserv key trust ${signature.by}.pub --plugin NAME --lowest VERSION`,
    ].join('\n')
    return new Problem('RELEASE_SIGNATURE', `it is signed by ${signature.by}, but ${signature.why}`, fix, { file })
  }
  if (!trust.required || signature.is === 'trusted') return undefined
  const found =
    signature.is === 'unsigned'
      ? 'it is not signed'
      : `it is signed with the key ${'key' in signature ? signature.key : ''}, which is not trusted`
  const fix = [
    'Get a release that is signed by a trusted key. To trust its key: mfserv key trust FILE.pub',
    'mfserv key list shows the trusted ones. What is required is said in [releases] of config.ini: require_signature',
    ...trust.problems.map((problem) => `Not trusted is what cannot be read. ${formatProblem(problem)}`),
  ].join('\n')
  return new Problem('RELEASE_SIGNATURE', `${found}, and this machine takes only releases with a trusted signature`, fix, {
    file,
  })
}

/** Nothing is followed and nothing overwritten: links are made when all files are there, and every file is new. */
function intoDirectory(directory: string): Sink {
  const made = new Set([''])
  const makeDirectory = (path: string): void => {
    if (made.has(path)) return
    makeDirectory(parentOf(path))
    mkdirSync(join(directory, path))
    chmodSync(join(directory, path), 0o700)
    made.add(path)
  }
  return {
    directory: makeDirectory,
    file: (path, executable) => {
      makeDirectory(parentOf(path))
      const file = openSync(join(directory, path), 'wx', 0o600)
      return {
        write: (chunk) => writeWhole(file, chunk),
        end: () => {
          fchmodSync(file, executable ? 0o700 : 0o600)
          closeSync(file)
        },
      }
    },
    link: (path, target) => {
      makeDirectory(parentOf(path))
      symlinkSync(target, join(directory, path))
    },
  }
}

function parentOf(path: string): string {
  const parent = dirname(path)
  return parent === '.' ? '' : parent
}

function writeWhole(file: number, chunk: Uint8Array): void {
  for (let written = 0; written < chunk.byteLength; ) written += writeSync(file, chunk, written)
}

function unpackProblem(error: unknown, directory: string): unknown {
  const fix = `Make ${dirname(directory)} writable for this user, and make room on its disk. Nothing was left there.`
  return writeProblem(error, { what: 'the release could not be unpacked', fix, file: directory })
}
