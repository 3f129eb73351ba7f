import { didYouMean } from '../../../config/nearest.ts'
import { askControl } from '../../../control/client.ts'
import { type Paths, pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { chainsIn, type LogChain } from '../../../host/logs/log-chain.ts'
import { LogFollower, leftOutText } from '../../../host/logs/log-follower.ts'
import { chainsOf, type Ends, lastRecords, recordsOfRequest, recordsSince } from '../../../host/logs/read-logs.ts'
import { plainName } from '../../../host/plugins/find-plugin.ts'
import { now } from '../../../host/process/clock.ts'
import { Interruption } from '../../../host/process/interruption.ts'
import { pluginNames } from '../../../host/releases/plugins-directory.ts'
import { LEVELS, levelNamed } from '../../../log/level.ts'
import type { LogRecord } from '../../../log/record.ts'
import { pluginOf, sourceText } from '../../../log/source.ts'
import type { Wanted } from '../../../log/wanted.ts'
import { Problem } from '../../../problem.ts'
import { terminalLine } from '../../../terminal-text.ts'
import { momentOption, numberOption } from '../../logs/moment-option.ts'
import { recordData, recordText } from '../../logs/record-text.ts'
import { isColoured, Stream } from '../../logs/stream.ts'
import { progress, type Result } from '../../output.ts'
import { findJob } from '../cron/jobs.ts'

interface LogsOptions {
  readonly follow?: true
  readonly since?: string
  readonly level?: string
  readonly grep?: string
  readonly requestId?: string
  readonly cron?: string
  readonly lines?: string
  readonly json?: true
}

const LINES = 200
const LINES_BEFORE_FOLLOWING = 10
const MOST_LINES = 1_000_000
const LOOK_MS = 200
const WIDEST_SOURCE = 32

export async function run([name]: readonly [string | undefined], options: LogsOptions): Promise<Result | undefined> {
  const paths = pathsOf(runtimeHome())
  const wanted = await wantedOf(name, options, paths)
  const stream = new Stream()
  const print = printer(chainsOf(paths.log, wanted), options)
  const follower = options.follow === true ? new LogFollower(paths.log, wanted) : undefined
  let count = 0
  await stream.lines(
    printed(found(paths.log, wanted, options, follower?.ends), (record) => {
      count += 1
      return print(record)
    }),
  )
  if (!stream.hasReader) return undefined
  if (follower !== undefined) await follow(follower, stream, print)
  else if (count === 0) {
    progress('No line of a log is what was asked for.')
    process.exitCode = 1
  }
  return undefined
}

async function wantedOf(name: string | undefined, options: LogsOptions, paths: Paths): Promise<Wanted> {
  const { since, level: written, grep, requestId, cron } = options
  const plugin = name === undefined ? undefined : pluginNamed(name, paths)
  const level = written === undefined ? undefined : levelNamed(written)
  if (written !== undefined && level === undefined)
    throw new Problem('USAGE', `--level is "${written}"`, `Write one of ${LEVELS.join(', ')}.`)
  return {
    ...(plugin === undefined ? {} : { plugin }),
    ...(level === undefined ? {} : { level }),
    ...(since === undefined ? {} : { since: momentOption('--since', since) }),
    ...(grep === undefined ? {} : { grep: expression(grep) }),
    ...(requestId === undefined ? {} : { request: { id: requestId, known: [] } }),
    ...(cron === undefined ? {} : { job: await jobNamed(plugin, cron, paths) }),
  }
}

function found(log: string, wanted: Wanted, { follow, lines }: LogsOptions, ends: Ends | undefined): Iterable<LogRecord> {
  const { request, since } = wanted
  const most = lines === undefined ? undefined : numberOption('--lines', lines, MOST_LINES)
  if (request !== undefined) return recordsOfRequest(log, request.id, wanted).slice(-(most ?? MOST_LINES))
  if (since !== undefined && most === undefined) return recordsSince(log, wanted, since, ends)
  return lastRecords(log, wanted, most ?? (follow === true ? LINES_BEFORE_FOLLOWING : LINES), ends)
}

function* printed(records: Iterable<LogRecord>, print: (record: LogRecord) => string): Generator<string> {
  for (const record of records) yield print(record)
}

async function follow(follower: LogFollower, stream: Stream, print: (record: LogRecord) => string): Promise<void> {
  const interruption = Interruption.begin()
  try {
    while (!interruption.hasCome && stream.hasReader) {
      const { records, leftOut, isBehind } = follower.look(now())
      for (const one of leftOut) progress(leftOutText(one))
      await stream.lines(printed(records, print))
      if (!isBehind) await interruption.pause(LOOK_MS)
    }
  } finally {
    interruption.end()
  }
}

function printer(chains: readonly LogChain[], { json }: LogsOptions): (record: LogRecord) => string {
  if (json === true) return (record) => terminalLine(recordData(record))
  const width = Math.min(WIDEST_SOURCE, Math.max(0, ...chains.map(({ source }) => sourceText(source).length)))
  return recordText({ width, isColoured: isColoured() })
}

/** One that is installed, or that left logs. Throws PLUGIN_NOT_FOUND. */
function pluginNamed(written: string, { plugins, log }: Paths): string {
  const name = plainName(written)
  const known = new Set([...pluginNames(plugins), ...chainsIn(log).flatMap(({ source }) => pluginOf(source) ?? [])])
  if (known.has(name)) return name
  const fix = `${didYouMean(name, known)}See what is installed: plugins.list. All logs: mfserv logs`
  throw new Problem('PLUGIN_NOT_FOUND', `no plugin ${name} is installed, and none left a log`, fix)
}

/** Its id or the beginning of it; with a plugin also its line in the crontab, while mfserv runs. */
async function jobNamed(plugin: string | undefined, written: string, paths: Paths): Promise<string> {
  if (plugin !== undefined && (await askControl(paths.control, 'GET /status')) !== undefined)
    return (await findJob(plugin, written, paths)).job
  const jobs = chainsIn(paths.log).flatMap(({ source }) => (source.is === 'cron' ? [source.job] : []))
  if (/^[0-9a-f]+$/.test(written) && jobs.some((job) => job.startsWith(written))) return written
  const known = jobs.length === 0 ? 'No cron job left a log.' : `Those with a log: ${jobs.join(', ')}.`
  const line = plugin === undefined ? ' A line of a crontab needs the name of its plugin: mfserv logs NAME --cron LINE' : ''
  throw new Problem('CRON_JOB_NOT_FOUND', `no cron job "${written}" left a log`, `${known}${line}`)
}

function expression(written: string): RegExp {
  try {
    return new RegExp(written, 'v')
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const fix = 'Write a regular expression of JavaScript; a backslash before [ ] ( ) { } . * + ? | / ^ $ - takes it as it is.'
    throw new Problem('USAGE', `--grep is "${written}", which is no regular expression: ${error.message}`, fix)
  }
}
