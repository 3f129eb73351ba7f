import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { contentOf } from './archive.ts'
import { type Entry, type FileEntry, textFile } from './entries.ts'
import type { LockedPackage } from './lock.ts'
import type { Licensed } from './manifests.ts'

/** The bundle of all code as `make install` made it, in a place that does not tell which of the two it was. */
export function bundleEntries(home: string): readonly FileEntry[] {
  const { slot }: { readonly slot: string } = JSON.parse(readFileSync(join(home, 'dist/built.json'), 'utf8'))
  const code = readdirSync(join(home, 'dist', slot)).sort()
  const entry = (path: string, from: string): FileEntry => ({
    is: 'file',
    path,
    executable: false,
    from: { file: join(home, from) },
  })
  return [
    ...code.map((name) => entry(`dist/a/${name}`, `dist/${slot}/${name}`)),
    ...['dist/start.cjs', 'dist/before-look.cjs', 'dist/before-rest.cjs'].map((path) => entry(path, path)),
    // There are no sources that could have changed.
    textFile('dist/built.json', `${JSON.stringify({ slot: 'a', quick: [], look: [], rest: [] })}\n`),
  ]
}

/** With the text of its license, from node_modules. */
export function licensed(home: string, { name, version, license }: LockedPackage): Licensed {
  const directory = join(home, 'node_modules', name)
  const file = readdirSync(directory).find((one) => /^licen[cs]e/i.test(one))
  return { name, version, license, text: file === undefined ? undefined : readFileSync(join(directory, file), 'utf8') }
}

/** A line for each entry: what it is, its rights and its contents. Two packages with the same lines are the same. */
export async function manifestLines(entries: readonly Entry[]): Promise<readonly string[]> {
  const lines: string[] = []
  for (const entry of entries) {
    lines.push(
      entry.is === 'link'
        ? `link ${entry.to} ${entry.path}`
        : `${entry.executable ? 'program' : 'file'} ${await sumOf(entry, 'sha256')} ${entry.path}`,
    )
  }
  return lines.sort()
}

export async function sumOf(entry: FileEntry, algorithm: 'sha256' | 'md5'): Promise<string> {
  const hash = createHash(algorithm)
  for await (const chunk of contentOf(entry)) hash.update(chunk)
  return hash.digest('hex')
}
