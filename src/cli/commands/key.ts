import type { Command } from 'commander'
import type { Paths } from '../../host/home/paths.ts'
import type { KeyBounds } from '../../package/signing/key-bounds.ts'
import type { OutputOptions, Result } from '../output.ts'

export function registerCreate(key: Command): void {
  key
    .command('create')
    .description('Make a pair of keys to sign releases with.')
    .argument('<NAME>', 'letters, digits, _ and -')
    .action(async (name: string, _options, command: Command) => finish(await create(name, await paths()), command))
}

export function registerList(key: Command): void {
  key
    .command('list')
    .description('List the keys to sign with, and those that are trusted.')
    .action(async (_options, command: Command) => finish(await list(await paths()), command))
}

export function registerTrust(key: Command): void {
  key
    .command('trust')
    .description('Trust the releases that are signed with a key.')
    .argument('<FILE>', 'its public half, NAME.pub')
    .option('--plugin <NAME[,NAME]>', 'only for releases of these plugins')
    .option('--lowest <VERSION>', 'only for this version and those above it')
    .action(async (file: string, options: TrustOptions, command: Command) =>
      finish(await trust(file, options, await paths()), command),
    )
}

interface TrustOptions {
  readonly plugin?: string
  readonly lowest?: string
}

async function create(name: string, where: Paths): Promise<Result> {
  const { createKey } = await import('../../host/package/key-files.ts')
  if (name.startsWith('-')) {
    const { Problem } = await import('../../problem.ts')
    throw new Problem('KEY', `the key name "${name}" starts with -, as an option does`, 'Start it with a letter.')
  }
  const key = createKey(where, name)
  const text = [
    `The key ${name} was made (${key.id}):`,
    `  ${key.privateFile}   signs: make release SIGN=${name}. Keep it to yourself.`,
    `  ${key.publicFile}   give it to whoever installs your releases: mfserv key trust ${name}.pub`,
  ]
  return { data: key, text: text.join('\n') }
}

async function list(where: Paths): Promise<Result> {
  const { ownKeys, trustedKeys } = await import('../../host/package/key-files.ts')
  const { trustedDirectories } = await import('../../host/package/trust-here.ts')
  const { box } = await import('../table.ts')
  const { reportProblem } = await import('../../control/report-problem.ts')
  const { formatProblem } = await import('../../problem.ts')
  const own = ownKeys(where)
  const { keys, problems } = trustedKeys(trustedDirectories(where, process.env))
  const { describeBounds } = await import('../../package/signing/key-bounds.ts')
  const trusted = keys.map(({ name, id, file, bounds }) => ({ name, id, file, ...boundsData(bounds) }))
  const rows = keys.map(({ name, id, file, bounds }) => [name, id, describeBounds(bounds), file])
  const head = ['Name', 'Key', 'File']
  const text = [
    box({ title: `Keys to sign with (${own.length})`, head, rows: own.map((key) => [key.name, key.id, key.privateFile]) }),
    box({ title: `Trusted keys (${trusted.length})`, head: ['Name', 'Key', 'For', 'File'], rows }),
    ...problems.map(formatProblem),
  ]
  const data = { own, trusted, problems: problems.map(reportProblem) }
  return { data, text: text.join('\n'), exitCode: problems.length === 0 ? 0 : 1 }
}

async function trust(file: string, options: TrustOptions, where: Paths): Promise<Result> {
  const { trustKey } = await import('../../host/package/key-files.ts')
  const { describeBounds } = await import('../../package/signing/key-bounds.ts')
  const { name, id, how, file: target, bounds } = trustKey(where, file, await boundsOf(options))
  const text = `The key ${name} (${id}) is ${how}: ${target}\nIt counts for ${describeBounds(bounds)}.`
  return { data: { name, id, file: target, how, ...boundsData(bounds) }, text }
}

async function boundsOf({ plugin, lowest }: TrustOptions): Promise<KeyBounds> {
  const { NO_BOUNDS, readBound } = await import('../../package/signing/key-bounds.ts')
  const { Problem } = await import('../../problem.ts')
  const written = { plugins: plugin, lowest }
  const read = Object.entries(written).map(([key, value]) => {
    if (value === undefined) return {}
    const bound = readBound(key, value)
    if (!('why' in bound)) return bound
    const mend = 'Write for example: mfserv key trust me.pub --plugin blog,shop --lowest 1.2'
    throw new Problem('USAGE', `${key === 'plugins' ? '--plugin' : '--lowest'} ${JSON.stringify(value)} ${bound.why}`, mend)
  })
  return Object.assign({}, NO_BOUNDS, ...read)
}

/** JSON has no undefined: null is no bound. */
function boundsData({ plugins, lowest }: KeyBounds) {
  return { plugins: plugins ?? null, lowest: lowest ?? null }
}

async function paths(): Promise<Paths> {
  const { pathsOf, runtimeHome } = await import('../../host/home/paths.ts')
  return pathsOf(runtimeHome())
}

async function finish(result: Result, command: Command): Promise<void> {
  const { print } = await import('../output.ts')
  print(result, command.optsWithGlobals<OutputOptions>())
}
