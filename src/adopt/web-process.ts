import { PYTHON_ENTRY } from '../plugin/process/command-line.ts'
import type { AppType } from '../runtime/app-type.ts'
import { type Candidate, candidate, fact, type NewFile } from './candidate.ts'
import { commandLine, type Process, partsOf, withGems } from './procfile.ts'
import { pythonDependencies } from './python/dependencies.ts'
import { CALLER } from './python/python.ts'
import { type AppTree, baseName } from './tree.ts'

/** What the line `web:` of a Procfile says, with what the files of the application say besides. */
export function webCandidate(tree: AppTree, process: Process, candidates: readonly Candidate[]): Candidate {
  const [program = '', ...rest] = withoutRunner(partsOf(process.line)?.words ?? [])
  const name = baseName(program)
  const server = pythonServer(name, rest)
  if (server !== undefined) return served(tree, process, server, candidates)
  const own = ownOf(name, rest, candidates)
  if (own !== undefined)
    return {
      ...own,
      facts: [...own.facts, fact('entry point', String(own.values['main_arg'] ?? own.type), `${process.place}  ${process.line}`)],
    }
  return ownProgram(tree, process, candidates)
}

/** `poetry run`, `uv run`, `pipenv run` and `npx` find what is in the environment anyway. */
function withoutRunner(all: readonly string[]): readonly string[] {
  const [first = '', second = ''] = all
  if (first === 'npx') return all.slice(1)
  return /^(?:(?:poetry|uv|pipenv) run|python[\d.]* -m)$/.test(`${first} ${second}`) ? all.slice(2) : all
}

interface PythonServer {
  readonly type: AppType
  /** `module:callable`, without what is called. */
  readonly entry: string
  /** The callable is a function that makes the application. */
  readonly factory: boolean
}

const PYTHON_SERVERS: ReadonlyMap<string, AppType> = new Map([
  ['gunicorn', 'python3_sync'],
  ['waitress-serve', 'python3_sync'],
  ['uvicorn', 'python3_asgi'],
  ['hypercorn', 'python3_asgi'],
  ['daphne', 'python3_asgi'],
  ['granian', 'python3_asgi'],
])

function pythonServer(name: string, rest: readonly string[]): PythonServer | undefined {
  const type = PYTHON_SERVERS.get(name)
  const written = appWord(name, rest)
  if (type === undefined || written === undefined) return undefined
  const entry = written.replace('()', '')
  const whole = entry.includes(':') ? entry : `${entry}:application`
  if (!PYTHON_ENTRY.test(whole)) return undefined
  const factory = written.endsWith('()') || rest.some((word) => /^--(?:factory|call)$/.test(word))
  const asgi = rest.some((word) => /uvicorn\.workers|\bUvicornWorker\b/.test(word))
  const aiohttp = rest.some((word) => word.includes('aiohttp.'))
  return { type: aiohttp ? 'aiohttp' : asgi ? 'python3_asgi' : type, entry: whole, factory }
}

/** The word that names the application: one with a colon, or, for gunicorn, a module. What follows an option may be its value. */
function appWord(name: string, rest: readonly string[]): string | undefined {
  const whole = rest.filter((word) => /^[A-Za-z_][\w.]*:[A-Za-z_]\w*(?:\(\))?$/.test(word))
  if (whole.length > 0 || name !== 'gunicorn') return whole.at(-1)
  const modules = rest.map((word, at) => ({ word, behind: String(rest[at - 1]) })).filter(({ word }) => MODULE.test(word))
  return (modules.findLast(({ behind }) => !behind.startsWith('-')) ?? modules.at(-1))?.word
}

/** Its configuration is a file of Python, not a module. */
const MODULE = /^[A-Za-z_][\w.]*(?<!\.py)$/

function served(
  tree: AppTree,
  process: Process,
  { type, entry, factory }: PythonServer,
  candidates: readonly Candidate[],
): Candidate {
  const because = `${process.place}  ${process.line}`
  const [module = '', callable = ''] = entry.split(':')
  const text = `# mfserv serves the "app" of this file. Written by "mfserv adopt"; change it as you like.\nfrom ${module} import ${callable}\n\napp = ${callable}()\n`
  const files: readonly NewFile[] = factory ? [{ path: CALLER, text }] : []
  const mainArg = factory ? `${CALLER.replace('.py', '')}:app` : entry
  const same = candidates.filter((one) => one.type === type)
  const [base] = same.length === 1 ? same : []
  const entryFact = fact('entry point', mainArg, because)
  if (base === undefined) {
    const dependencies = pythonDependencies(tree, [])
    return candidate({
      ...{
        ...(type === 'python3_sync' ? { kind: 'wsgi', framework: 'WSGI' } : { kind: 'asgi', framework: 'ASGI' }),
        ...(type === 'aiohttp' ? { kind: 'aiohttp', framework: 'aiohttp' } : {}),
        ...{ rank: 'server', type },
      },
      values: { main_arg: mainArg, directory: '.', static_routing: '0' },
      facts: [fact('framework', 'Python', because), entryFact, ...dependencies.facts],
      notes: dependencies.notes,
      files,
      watched: ['*.html'],
    })
  }
  const others = base.files.filter(({ path }) => path !== CALLER)
  return {
    ...base,
    values: { ...base.values, main_arg: mainArg },
    facts: [...base.facts.filter(({ about }) => about !== 'entry point'), entryFact],
    files: [...files, ...others],
  }
}

/** What the files say already: the line starts the same by hand. */
function ownOf(name: string, [first = '']: readonly string[], candidates: readonly Candidate[]): Candidate | undefined {
  const of = (fits: (one: Candidate) => boolean): Candidate | undefined => candidates.filter(fits)[0]
  if (/^python[\d.]*$/.test(name) && baseName(first) === 'manage.py') return of(({ kind }) => kind === 'django')
  if (/^(?:npm|yarn|pnpm|node)$/.test(name)) return of(({ type, rank }) => type === 'node' && rank === 'server')
  if (/^heroku-php-/.test(name)) return of(({ type }) => type === 'php')
  if (/^(?:puma|rails|rackup)$/.test(name)) return of(({ kind }) => /^(?:rails|sinatra|ruby)$/.test(kind))
  return undefined
}

function ownProgram(tree: AppTree, process: Process, candidates: readonly Candidate[]): Candidate {
  const built = candidates.filter(({ build }) => build.length > 0)
  const builds = built.flatMap(({ build }) => build)
  const line = commandLine(withGems(process.line, builds))
  const dependencies = pythonDependencies(tree, [])
  return candidate({
    ...{ kind: 'procfile', framework: 'a program', rank: 'server', type: 'command' },
    values: { main_arg: line, directory: '.', static_routing: '0' },
    build: builds,
    facts: [
      fact('framework', 'a program', `${process.place}  ${process.line}`),
      fact('entry point', line, process.place),
      ...dependencies.facts,
      ...builds.map((step) => fact('build', step, 'its files say how it is built')),
      fact('port', line.includes('PORT={port}') ? 'the variable PORT' : 'an option of its command line', process.place),
    ],
    notes: dependencies.notes,
    files: built.flatMap(({ files }) => files),
    watched: ['*.ts', '*.rb', '*.go'],
  })
}
