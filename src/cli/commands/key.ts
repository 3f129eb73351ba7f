import type { Command } from 'commander'
import type { Paths } from '../../host/home/paths.ts'
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
    .action(async (file: string, _options, command: Command) => finish(await trust(file, await paths()), command))
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
  const trusted = keys.map(({ name, id, file }) => ({ name, id, file }))
  const head = ['Name', 'Key', 'File']
  const text = [
    box({ title: `Keys to sign with (${own.length})`, head, rows: own.map((key) => [key.name, key.id, key.privateFile]) }),
    box({ title: `Trusted keys (${trusted.length})`, head, rows: trusted.map(({ name, id, file }) => [name, id, file]) }),
    ...problems.map(formatProblem),
  ]
  const data = { own, trusted, problems: problems.map(reportProblem) }
  return { data, text: text.join('\n'), exitCode: problems.length === 0 ? 0 : 1 }
}

async function trust(file: string, where: Paths): Promise<Result> {
  const { trustKey } = await import('../../host/package/key-files.ts')
  const { name, id, how, file: target } = trustKey(where, file)
  return { data: { name, id, file: target, how }, text: `The key ${name} (${id}) is ${how}: ${target}` }
}

async function paths(): Promise<Paths> {
  const { pathsOf, runtimeHome } = await import('../../host/home/paths.ts')
  return pathsOf(runtimeHome())
}

async function finish(result: Result, command: Command): Promise<void> {
  const { print } = await import('../output.ts')
  print(result, command.optsWithGlobals<OutputOptions>())
}
