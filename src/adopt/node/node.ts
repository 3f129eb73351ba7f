import { type Candidate, candidate, type Fact, fact } from '../candidate.ts'
import { quotedWord } from '../procfile.ts'
import { type AppTree, firstLineLike, linesLike, objectIn, textIn } from '../tree.ts'
import { lockOf, type PackageFile, packageFile, placeOf } from './package-file.ts'
import { type Built, builtBy } from './sites.ts'
import { fallbackStart, fileNamed, type Start, type StartProgram, startOf } from './start.ts'

/** Packages that answer requests, the more telling first. */
const SERVERS: Readonly<Record<string, string>> = {
  '@nestjs/core': 'NestJS',
  express: 'Express',
  fastify: 'Fastify',
  koa: 'Koa',
  '@hapi/hapi': 'hapi',
  '@hono/node-server': 'Hono',
  restify: 'Restify',
  polka: 'Polka',
  h3: 'h3',
  'socket.io': 'Socket.IO',
  next: 'Next.js',
}
/** Scripts that start what is for production, the likelier first. */
const START_SCRIPTS = ['start:prod', 'start', 'serve']
/** Programs that serve only while one develops, or only look at files. */
const DEVELOPMENT =
  /^(?:vite|webpack|webpack-dev-server|react-scripts|vue-cli-service|parcel|astro|nuxt|nuxi|svelte-kit|ng|gulp|grunt|tsc|rollup|esbuild|snowpack|eleventy|gatsby|live-server|http-server|serve)$/

/** What a `package.json` can be served as. */
export function nodeCandidates(tree: AppTree): readonly Candidate[] {
  const file = packageFile(tree)
  if (file === undefined) return loneFile(tree)
  const built = builtBy(tree, file)
  const common = commonFacts(tree, file)
  const server = serverOf(tree, file, common)
  // A start script that runs a file serves the pages that are built as well.
  const servesPages = built?.is !== 'server' && server?.type === 'node' && startScript(file) !== undefined
  if (built !== undefined && !servesPages) return [site(tree, file, built, common)]
  return server === undefined ? [] : [built === undefined ? server : withBuild(tree, server)]
}

/** A server of one file, without packages. */
function loneFile(tree: AppTree): readonly Candidate[] {
  const [found] = ['server.js', 'server.mjs', 'app.js', 'index.js', 'main.js', 'index.mjs'].flatMap((path) =>
    linesLike(tree, path, /\bcreateServer\(|\.listen\(/).map((line) => ({ path, line })),
  )
  if (found === undefined) return []
  return [
    candidate({
      ...{ kind: 'node', framework: 'Node.js', rank: 'server', type: 'node' },
      values: { main_arg: found.path, directory: '.', static_routing: '0' },
      facts: [
        fact('framework', 'Node.js', `${found.line.place}  ${found.line.text}`),
        fact('entry point', found.path, found.line.place),
        ...portFacts(tree, found.path),
      ],
    }),
  ]
}

function commonFacts(tree: AppTree, file: PackageFile): readonly Fact[] {
  const lock = lockOf(tree)
  const nvm = firstLineLike(tree, '.nvmrc', /^\s*(\S+)\s*$/)
  const engine = textIn(objectIn(file.json, 'engines'), 'node')
  return [
    fact(
      'dependencies',
      'package.json',
      lock === undefined ? 'it is there, without a lock file' : `with the versions of ${lock}`,
    ),
    ...(nvm === undefined ? [] : [fact('interpreter', `Node ${nvm.first}`, nvm.place)]),
    ...(nvm === undefined && engine !== undefined ? [fact('interpreter', `Node ${engine}`, placeOf(tree, 'engines'))] : []),
  ]
}

function site(tree: AppTree, file: PackageFile, built: Built, common: readonly Fact[]): Candidate {
  const script = file.scripts.has('build') ? 'npm run build' : undefined
  const argument = built.base?.is === 'argument' ? ` -- ${built.base.text}` : ''
  const variable = built.base?.is === 'variable' ? `env ${built.base.text} ` : ''
  const build = script === undefined ? [] : [`${variable}${script}${argument}`, ...built.afterwards]
  const facts = [
    fact('framework', built.framework, built.because),
    ...common,
    ...build.map((step) =>
      fact('build', step, step.includes('npm run build') ? placeOf(tree, 'build') : `as ${built.framework} wants it`),
    ),
  ]
  const base =
    built.base === undefined
      ? []
      : [`The build is told the URL of the plugin (${built.base.text}). On a virtual host it is /: change the key build.`]
  const notes = [
    ...base,
    ...built.notes,
    ...(script === undefined
      ? [`package.json has no script "build", so nothing makes ${built.output}: add one, or build it by hand.`]
      : []),
  ]
  const shared = { kind: built.kind, framework: built.framework, build, notes }
  if (built.is === 'server')
    return candidate({
      ...shared,
      ...{ rank: 'server', type: 'node', watched: ['*.ts'] },
      values: { main_arg: built.output, directory: '.', static_routing: '0' },
      facts: [...facts, fact('entry point', built.output, `the build of ${built.framework} makes it`)],
    })
  return candidate({
    ...shared,
    ...{ rank: 'site', type: 'static' },
    values: { directory: built.output, ...(built.singlePage ? { fallback: 'index.html' } : {}) },
    facts: [...facts, fact('static files', `${built.output}/`, `the build of ${built.framework} makes it`)],
  })
}

function serverOf(tree: AppTree, file: PackageFile, common: readonly Fact[]): Candidate | undefined {
  const [dependency, framework = 'Node.js'] = Object.entries(SERVERS).find(([name]) => file.dependencies.has(name)) ?? []
  const kind = dependency === undefined ? 'node' : framework.toLowerCase().replace(/[^a-z0-9]/g, '')
  const because = dependency === undefined ? 'package.json' : `${placeOf(tree, dependency)} needs ${dependency}`
  const named = startScript(file)
  const start = named?.start ?? (dependency === undefined ? undefined : fallback(tree, file))
  if (start === undefined) return undefined
  const by =
    named === undefined
      ? file.scripts.has('start')
        ? `the script "start" (${placeOf(tree, 'start')}) names no program of its own`
        : 'package.json has no script "start"'
      : `${placeOf(tree, named.script)}  ${file.scripts.get(named.script)}`
  // What a start script names may be made by the build only.
  const build = file.scripts.has('build') && !isThere(tree, start) ? ['npm run build'] : []
  const facts = [
    fact('framework', framework, because),
    ...common,
    ...build.map((step) => fact('build', step, placeOf(tree, 'build'))),
  ]
  const shared = { kind, framework, build, rank: 'server', watched: ['*.ts'] } as const
  if (start.is === 'program') {
    const program = programLine(start)
    return candidate({
      ...shared,
      type: 'command',
      values: { main_arg: program.line, directory: '.', static_routing: '0' },
      facts: [...facts, fact('entry point', program.line, by), fact('port', program.port, 'mfserv chooses it')],
    })
  }
  const entry = fileNamed(tree, start.file) ?? start.file
  return candidate({
    ...shared,
    type: 'node',
    values: {
      main_arg: entry,
      directory: '.',
      static_routing: '0',
      ...(start.options === '' ? {} : { node_extra_opts: start.options }),
    },
    facts: [...facts, fact('entry point', entry, by), ...portFacts(tree, entry)],
    notes: start.variables.length === 0 ? [] : [`${by}: write the variables into .layerapi2_extra_env.`],
  })
}

function withBuild(tree: AppTree, server: Candidate): Candidate {
  const step = 'npm run build'
  if (server.build.includes(step)) return server
  return { ...server, build: [step], facts: [...server.facts, fact('build', step, placeOf(tree, 'build'))] }
}

function startScript(file: PackageFile): { readonly script: string; readonly start: Start } | undefined {
  for (const script of START_SCRIPTS) {
    const text = file.scripts.get(script)
    const start = text === undefined ? undefined : startOf(text)
    if (start !== undefined && !(start.is === 'program' && DEVELOPMENT.test(start.program))) return { script, start }
  }
  return undefined
}

function fallback(tree: AppTree, file: PackageFile): Start | undefined {
  const found = fallbackStart(tree, file)
  return found === undefined ? undefined : { is: 'file', file: found, options: '', variables: [] }
}

function isThere(tree: AppTree, start: Start): boolean {
  return start.is === 'file' && fileNamed(tree, start.file) !== undefined
}

/** A program that is told its port by a variable, and by the option where one is written already. */
function programLine({ program, rest, variables }: StartProgram): { readonly line: string; readonly port: string } {
  const written = [program, ...rest].map(quotedWord).join(' ')
  const known = written.replace(/ (-p |--port[ =])\d{2,5}(?= |$)/, ' $1{port}')
  const set = variables.map(quotedWord)
  const env = set.length === 0 ? '' : `env ${set.join(' ')} `
  if (known !== written) return { line: `${env}${known}`, port: 'the option of its command line' }
  if (program === 'next' || program === 'json-server') return { line: `${env}${known} --port {port}`, port: 'the option --port' }
  return { line: ['env', 'PORT={port}', ...set, known].join(' '), port: 'the variable PORT' }
}

function portFacts(tree: AppTree, file: string): readonly Fact[] {
  const variable = firstLineLike(tree, file, /process\.env\.PORT\b|process\.env\[['"]PORT['"]\]/)
  if (variable !== undefined)
    return [fact('port', 'the variable PORT', `${variable.place}; mfserv gives its first listen a socket`)]
  const fixed = firstLineLike(tree, file, /\.listen\(\s*(\d{2,5})\b/)
  return fixed === undefined
    ? []
    : [
        fact(
          'port',
          'none of its own is needed',
          `${fixed.place} listens on ${fixed.first}; mfserv gives its first listen a socket`,
        ),
      ]
}
