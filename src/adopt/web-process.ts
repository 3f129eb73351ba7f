import { PYTHON_ENTRY } from '../plugin/process/command-line.ts'
import type { AppType } from '../runtime/app-type.ts'
import { type Candidate, candidate, fact, type NewFile } from './candidate.ts'
import { commandLine, type Process, partsOf } from './procfile.ts'
import { pythonDependencies } from './python/dependencies.ts'
import { CALLER } from './python/python.ts'
import { type AppTree, baseName } from './tree.ts'

/** What the line `web:` of a Procfile says, with what the files of the application say besides. */
export function webCandidate(tree: AppTree, process: Process, candidates: readonly Candidate[]): Candidate {
  const all = partsOf(process.line)?.words ?? []
  const [program = '', ...rest] = all[0] === 'bundle' ? [] : withoutRunner(all)
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

/** `poetry run`, `uv run` and `pipenv run` find what is in the environment anyway. */
function withoutRunner(all: readonly string[]): readonly string[] {
  const [first = '', second = ''] = all
  if (/^(?:poetry|uv|pipenv|npx)$/.test(first)) return second === 'run' ? all.slice(2) : first === 'npx' ? all.slice(1) : all
  return /^python[\d.]*$/.test(first) && second === '-m' ? all.slice(2) : all
}

interface PythonServer {
  readonly type: AppType
  /** `module:callable`, without what is called. */
  readonly entry: string
  /** The callable is a function that makes the application. */
  readonly factory: boolean
}

function pythonServer(name: string, rest: readonly string[]): PythonServer | undefined {
  const known: Readonly<Record<string, AppType>> = {
    gunicorn: 'python3_sync',
    'waitress-serve': 'python3_sync',
    uvicorn: 'python3_asgi',
    hypercorn: 'python3_asgi',
    daphne: 'python3_asgi',
    granian: 'python3_asgi',
  }
  if (!Object.hasOwn(known, name)) return undefined
  const asgi = rest.some((word) => /uvicorn\.workers|\bUvicornWorker\b/.test(word))
  const aiohttp = rest.some((word) => /aiohttp\./.test(word))
  const written = rest.findLast(
    (word) =>
      /^[A-Za-z_][\w.]*(?::[A-Za-z_]\w*(?:\(\))?)?$/.test(word) &&
      !/^\d/.test(word) &&
      (word.includes(':') || name === 'gunicorn'),
  )
  if (written === undefined) return undefined
  const entry = written.replace('()', '')
  const whole = entry.includes(':') ? entry : `${entry}:application`
  if (!PYTHON_ENTRY.test(whole)) return undefined
  const factory = written.endsWith('()') || rest.includes('--factory') || rest.includes('--call')
  return { type: aiohttp ? 'aiohttp' : asgi ? 'python3_asgi' : (known[name] ?? 'python3_sync'), entry: whole, factory }
}

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
        kind: type === 'python3_sync' ? 'wsgi' : 'asgi',
        framework: type === 'python3_sync' ? 'WSGI' : 'ASGI',
        rank: 'server',
        type,
      },
      values: { main_arg: mainArg, directory: '.', static_routing: '0' },
      facts: [fact('framework', 'Python', because), entryFact, ...dependencies.facts],
      notes: dependencies.notes,
      files: [...files, ...dependencies.files],
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
function ownOf(name: string, rest: readonly string[], candidates: readonly Candidate[]): Candidate | undefined {
  const of = (fits: (one: Candidate) => boolean): Candidate | undefined => candidates.find(fits)
  if (/^python[\d.]*$/.test(name) && baseName(rest[0] ?? '') === 'manage.py') return of(({ kind }) => kind === 'django')
  if (/^(?:npm|yarn|pnpm|node)$/.test(name)) return of(({ type, rank }) => type === 'node' && rank === 'server')
  if (/^heroku-php-/.test(name)) return of(({ type }) => type === 'php')
  if (/^(?:puma|rails|rackup)$/.test(name)) return of(({ kind }) => /^(?:rails|sinatra|ruby)$/.test(kind))
  return undefined
}

function ownProgram(tree: AppTree, process: Process, candidates: readonly Candidate[]): Candidate {
  const line = commandLine(process.line)
  const isPython = tree.files.has('requirements.txt') || tree.files.has('pyproject.toml')
  const dependencies = isPython ? pythonDependencies(tree, []).facts : []
  const builds = candidates.filter(({ rank }) => rank !== 'last').flatMap(({ build }) => build)
  return candidate({
    ...{ kind: 'procfile', framework: 'a program', rank: 'server', type: 'command' },
    values: { main_arg: line, directory: '.', static_routing: '0' },
    build: builds,
    facts: [
      fact('framework', 'a program', `${process.place}  ${process.line}`),
      fact('entry point', line, process.place),
      ...dependencies,
      ...builds.map((step) => fact('build', step, 'its files say how it is built')),
      fact('port', line.includes('PORT={port}') ? 'the variable PORT' : 'an option of its command line', process.place),
    ],
    watched: ['*.ts', '*.rb', '*.go'],
  })
}
