import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, relative } from 'node:path'
import { type OutputChunk, type Plugin, rolldown } from 'rolldown'
import { type Built, HOME, readBuilt, SOURCES, type Source } from './fresh.ts'

/**
 * Makes `dist/`: all code of `src/` and of the packages that it uses, in two files and one for large libraries, which Node loads in a fraction of the time
 * that it takes for hundreds. bin/mfserv starts `dist/start.mjs`; without `dist/` it starts the sources.
 */
const SRC = join(HOME, 'src')
const DIST = join(HOME, 'dist')
/** What the quickest commands load. They are called often, as from the prompt of a shell or by cron, and load no more. */
const QUICK = ['run.ts', 'output.ts', 'words/help.ts', 'words/wrong.ts', 'commands/plugins/list.ts', 'commands/plugin-wrapper.ts']
/** What only these import, when they are called, is a file of its own: it is larger than all the rest. */
const HEAVY = ['host/acme/issue.ts', 'host/tls/self-signed.ts']

const LATE = '\0late:'
/** Node loads each of its own modules when the first part that uses it is called, and not with the file. */
const LATE_BUILTINS: Plugin = {
  name: 'late builtins',
  resolveId: { order: 'pre', handler: (id, from) => (isBuiltin(id) && from?.startsWith(HOME) ? `${LATE}${id}` : null) },
  load: (id) =>
    id.startsWith(LATE) ? `module.exports = process.getBuiltinModule(${JSON.stringify(id.slice(LATE.length))})` : null,
}

// A command that started from the other directory may still load a part of it.
const slot = existsSync(join(DIST, 'built.json')) && readBuilt().slot === 'a' ? 'b' : 'a'
const made = join(DIST, `.${slot}.${process.pid}`)
const chunks = await bundle(made).catch((error: unknown) => {
  rmSync(made, { recursive: true, force: true })
  throw error
})
rmSync(join(DIST, slot), { recursive: true, force: true })
renameSync(made, join(DIST, slot))
const quick = sourcesOf(chunks.filter(({ name }) => name !== 'rest'))
const built: Built = { slot, quick, rest: sourcesOf(chunks).filter(([file]) => !quick.some(([one]) => one === file)) }
for (const name of ['start', 'before-rest']) replace(`${name}.mjs`, await textOf(name))
replace('built.json', JSON.stringify(built))

async function bundle(directory: string): Promise<readonly OutputChunk[]> {
  const build = await rolldown({
    input: SOURCES,
    platform: 'node',
    cwd: HOME,
    plugins: [LATE_BUILTINS],
    // Here an import that waits for its call only says in which of the two files a part is.
    checks: { ineffectiveDynamicImport: false },
    onLog: (level, log, tell) => {
      // The bundle would be made all the same, and each command that needs the package would end with a stack.
      if (log.code === 'UNRESOLVED_IMPORT')
        throw new Error(`a package is missing. Run npm ci, then make install.\n${log.message}`)
      tell(level, log)
    },
  })
  const found = new Set<string>()
  const heavy = new Set<string>()
  const { output } = await build.write({
    dir: directory,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name].mjs',
    banner: ({ name }) => (name === 'rest' ? "import '../before-rest.mjs'" : ''),
    // What a command does not call is not run, though it is in the same file.
    strictExecutionOrder: true,
    codeSplitting: {
      groups: [
        {
          debugName: 'quick and rest',
          name: (id, graph) => {
            if (found.size === 0) {
              for (const file of QUICK)
                addAll(found, join(SRC, 'cli', file), (one) => graph.getModuleInfo(one)?.importedIds ?? [])
              for (const file of HEAVY.flatMap((one) => graph.getModuleInfo(join(SRC, one))?.dynamicallyImportedIds ?? []))
                addAll(heavy, file, (one) => graph.getModuleInfo(one)?.importedIds ?? [])
            }
            // It waits for a part of the rest, and the rest for the quick one: so it is in neither.
            if (id === SOURCES) return null
            if (heavy.has(id)) return null
            return found.has(id) ? 'quick' : 'rest'
          },
          priority: 1,
        },
        // What the others import as well is in them.
        { debugName: 'heavy', name: (id) => (heavy.has(id) ? 'heavy' : null) },
      ],
    },
  })
  await build.close()
  return output.filter((one) => one.type === 'chunk')
}

/** A module and all that it imports. */
function addAll(found: Set<string>, id: string, importsOf: (id: string) => readonly string[]): void {
  if (found.has(id)) return
  found.add(id)
  for (const imported of importsOf(id)) addAll(found, imported, importsOf)
}

/** The packages are those of the lock file. */
function sourcesOf(chunks: readonly OutputChunk[]): readonly Source[] {
  const own = chunks.flatMap(({ moduleIds }) => moduleIds).filter((id) => id.startsWith(`${SRC}/`))
  return [...own.sort(), join(HOME, 'package-lock.json')].map((file) => {
    const { size, mtimeMs } = statSync(file)
    return [relative(HOME, file), size, mtimeMs]
  })
}

/** A file of this directory as one for `dist/`. */
async function textOf(name: string): Promise<string> {
  const build = await rolldown({
    input: join(import.meta.dirname, `${name}.ts`),
    platform: 'node',
    cwd: HOME,
    external: (id) => id.startsWith('../src'),
  })
  const [chunk] = (await build.generate({ format: 'esm' })).output
  await build.close()
  return chunk.code
}

function replace(name: string, text: string): void {
  const candidate = join(DIST, `.${name}.${process.pid}`)
  writeFileSync(candidate, text)
  renameSync(candidate, join(DIST, name))
}
