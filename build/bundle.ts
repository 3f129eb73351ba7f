import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, relative } from 'node:path'
import { type OutputChunk, type Plugin, rolldown } from 'rolldown'
import { sourceCode } from '../src/host/module/running-code.ts'
import { type Built, HOME, readBuilt, SOURCES, type Source } from './fresh.ts'

/**
 * Makes `dist/`: all code of `src/` and of the packages that it uses, in three files and one for large libraries, which Node loads in
 * a fraction of the time that it takes for hundreds. bin/mfserv starts `dist/start.cjs`; without `dist/` it starts the sources.
 */
const SRC = join(HOME, 'src')
const DIST = join(HOME, 'dist')
/** What the quickest commands load. They are called often, as from the prompt of a shell or by cron, and load no more. */
const QUICK = [
  'cli/run.ts',
  'cli/output.ts',
  'cli/words/help.ts',
  'cli/words/wrong.ts',
  'cli/commands/plugins/list.ts',
  'cli/commands/plugin-wrapper.ts',
]

/** What the next quickest load: they look at what is there, and change nothing. */
const LOOK = ['cli/commands/status.ts', 'cli/commands/plugins/info.ts', 'operations/module/status-without-daemon.ts']

/** What only these import, when they are called, is a file of its own: it is larger than all the rest. */
const HEAVY = ['host/acme/issue.ts', 'host/tls/self-signed.ts']

const LATE = '\0late:'
/** What takes Node long to load, and of which mfserv itself imports nothing but functions and classes by their names. */
const SLOW = ['node:child_process', 'node:crypto', 'node:net', 'node:tls', 'node:zlib']
const LAZY = '\0lazy:'

/**
 * Node loads each of its own modules when the first part that uses it is called, and not with the file; the slow ones when
 * something of it is used. Nor does it make a module to import of it, for which it would load all that it ever loads: of `fs`
 * alone that takes 3 ms.
 */
const LATE_BUILTINS: Plugin = {
  name: 'late builtins',
  resolveId: {
    order: 'pre',
    handler: (id, from) => {
      if (!isBuiltin(id) || from?.startsWith(HOME) !== true) return null
      return SLOW.includes(id) && from.startsWith(`${SRC}/`) ? `${LAZY}${id}` : `${LATE}${id}`
    },
  },
  load: (id) => {
    if (id.startsWith(LAZY)) return lazyBuiltin(id.slice(LAZY.length))
    return id.startsWith(LATE) ? `module.exports = process.getBuiltinModule(${JSON.stringify(id.slice(LATE.length))})` : null
  },
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
const built: Built = {
  slot,
  code: sourceCode(HOME),
  quick: sourcesOf(chunks.filter(({ name }) => name !== 'rest' && name !== 'look' && name !== 'heavy')),
  look: sourcesOf(chunks.filter(({ name }) => name === 'look')),
  rest: sourcesOf(chunks.filter(({ name }) => name === 'rest' || name === 'heavy')),
}
for (const name of ['start', 'before-look', 'before-rest']) replace(`${name}.cjs`, await textOf(name))
replace('built.json', JSON.stringify(built))

async function bundle(directory: string): Promise<readonly OutputChunk[]> {
  const build = await rolldown({
    input: SOURCES,
    platform: 'node',
    cwd: HOME,
    plugins: [LATE_BUILTINS],
    // Here an import that waits for its call only says in which of the files a part is.
    checks: { ineffectiveDynamicImport: false },
    onLog: (level, log, tell) => {
      // The bundle would be made all the same, and each command that needs the package would end with a stack.
      if (log.code === 'UNRESOLVED_IMPORT')
        throw new Error(`a package is missing. Run npm ci, then make install.\n${log.message}`)
      tell(level, log)
    },
  })
  const heavy = new Set<string>()
  const { output } = await build.write({
    dir: directory,
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    banner: ({ name }) => (name === 'rest' || name === 'look' ? `require('../before-${name}.cjs')` : ''),
    // What a command does not call is not run, though it is in the same file.
    strictExecutionOrder: true,
    codeSplitting: {
      // Each takes along what its modules import, unless one before it has that.
      groups: [
        { name: 'quick', priority: 4, test: (id) => QUICK.includes(relative(SRC, id)) },
        { name: 'look', priority: 3, test: (id) => LOOK.includes(relative(SRC, id)) },
        {
          debugName: 'rest',
          priority: 2,
          name: (id, graph) => {
            if (heavy.size === 0) {
              for (const file of HEAVY.flatMap((one) => graph.getModuleInfo(join(SRC, one))?.dynamicallyImportedIds ?? []))
                addAll(heavy, file, (one) => graph.getModuleInfo(one)?.importedIds ?? [])
            }
            // It waits for a part of the rest, and the rest for the quick one: so it is in none.
            return id === SOURCES || heavy.has(id) ? null : 'rest'
          },
        },
        { debugName: 'heavy', priority: 1, name: (id) => (heavy.has(id) ? 'heavy' : null) },
      ],
    },
  })
  await build.close()
  const parts = output.filter((one) => one.type === 'chunk')
  for (const { fileName, code } of parts) writeFileSync(join(directory, fileName), inAscii(code))
  return parts
}

/** What is ASCII alone is read in a third of the time. */
function inAscii(code: string): string {
  // A template that takes its text as it is written would have the escape in it.
  const raw = /(?:nginx|raw)`[^`]*[^\0-\x7f]/.exec(code)
  if (raw !== null) throw new Error(`only ASCII can stand in such a template: ${raw[0].slice(-80)}`)
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function lazyBuiltin(name: string): string {
  const names = Object.keys(process.getBuiltinModule(name) ?? {})
  const members = names.map((one) => `get ${JSON.stringify(one)}() { return (found ??= load()).${one} }`)
  return `let found\nconst load = () => process.getBuiltinModule(${JSON.stringify(name)})\nmodule.exports = { ${members.join(', ')} }`
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
    plugins: [LATE_BUILTINS],
    external: (id) => id.startsWith('../src'),
  })
  const [chunk] = (await build.generate({ format: 'cjs' })).output
  await build.close()
  return chunk.code
}

function replace(name: string, text: string): void {
  const candidate = join(DIST, `.${name}.${process.pid}`)
  writeFileSync(candidate, text)
  renameSync(candidate, join(DIST, name))
}
