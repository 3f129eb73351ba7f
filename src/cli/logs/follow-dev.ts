import { askControl } from '../../control/client.ts'
import { newsOf, type Told, toldOf, tookMs } from '../../control/dev-news.ts'
import type { PluginReport } from '../../control/protocol.ts'
import type { Paths } from '../../host/home/paths.ts'
import { LogFollower, leftOutText, type Seen } from '../../host/logs/log-follower.ts'
import { now } from '../../host/process/clock.ts'
import { Interruption } from '../../host/process/interruption.ts'
import { heardIn } from '../../log/own-lines.ts'
import type { LogRecord } from '../../log/record.ts'
import { sourceText } from '../../log/source.ts'
import { terminalLine, terminalText } from '../../terminal-text.ts'
import type { Millis } from '../../time.ts'
import { progress } from '../output.ts'
import { recordData, recordText } from './record-text.ts'
import { isColoured, Stream } from './stream.ts'

const LOOK_MS = 100
/** What happened leads to something within so long, or to nothing. */
const NEWS_WITHIN_MS = 120_000
/** Sources that changed without another worker: nothing had to be replaced. */
const SETTLES_MS = 2000
/** The status tells of a worker that is ready sooner than the log, which says since when. */
const LOG_SAYS_WITHIN_MS = 500
const WIDTH = 16

export interface Developed {
  readonly name: string
  readonly home: string
  /** As it was told when this began. */
  readonly plugin: PluginReport
  readonly json: boolean
}

/** Shows what a plugin in development writes, each reload and what is wrong with it, until Ctrl-C. */
export async function followDeveloped(developed: Developed, paths: Paths): Promise<void> {
  const { name, home } = developed
  const stream = new Stream()
  const follower = new LogFollower(paths.log, { plugin: name })
  const session = new Session(developed, paths, stream)
  progress(`Following ${name}. Save a file to reload it, press Ctrl-C to end.`)
  const interruption = Interruption.begin()
  try {
    while (!interruption.hasCome && stream.hasReader) {
      const isOver = (await interruption.unless(session.show(follower.look(now())))) === 'over'
      if (isOver) return
      await interruption.pause(LOOK_MS)
    }
  } finally {
    interruption.end()
  }
  process.exitCode = 0
  progress(`\n${name} stays in development: it is served from ${home} until plugins.uninstall ${name}`)
}

class Session {
  readonly #developed: Developed
  readonly #paths: Paths
  readonly #stream: Stream
  readonly #colours = isColoured()
  #told: Told
  #changedAt: Millis | undefined
  #readyAt: Millis | undefined
  /** When something happened of which news may come. */
  #since: Millis | undefined

  constructor(developed: Developed, paths: Paths, stream: Stream) {
    this.#developed = developed
    this.#paths = paths
    this.#stream = stream
    this.#told = toldOf(developed.plugin)
  }

  async show({ records, leftOut }: Seen): Promise<'over' | 'goes on'> {
    for (const one of leftOut) progress(leftOutText(one))
    for (const record of records) if (!this.#hears(record)) await this.#stream.line(this.#print(record))
    if (this.#since === undefined) return 'goes on'
    return await this.#tellNews(this.#since)
  }

  /** What the daemon says of workers is told in other words. */
  #hears(record: LogRecord): boolean {
    if (record.source.is !== 'mfserv') return false
    const heard = heardIn(record, this.#developed.name)
    if (heard.is === 'other') return false
    this.#since = now()
    if (heard.is === 'changed') this.#changedAt = heard.at
    else if (heard.state === 'ready') this.#readyAt = heard.at
    return true
  }

  async #tellNews(since: Millis): Promise<'over' | 'goes on'> {
    const report = await askControl(this.#paths.control, 'GET /status')
    const plugin = report?.plugins.find((one) => one.name === this.#developed.name)
    if (plugin === undefined) {
      await this.#say(report === undefined ? 'mfserv has stopped.' : `${this.#developed.name} is no longer installed.`)
      process.exitCode = 1
      return 'over'
    }
    const times = { changedAt: this.#changedAt, readyAt: this.#readyAt }
    const { told, lines, isSettled } = newsOf(this.#told, plugin, times)
    const waited = now() - since
    if (lines.length > 0 && tookMs(times) === undefined && waited < LOG_SAYS_WITHIN_MS) return 'goes on'
    for (const line of lines) await this.#say(line)
    this.#told = told
    if (lines.length > 0) this.#changedAt = undefined
    if (lines.length > 0 || waited > NEWS_WITHIN_MS || (isSettled && waited > SETTLES_MS)) this.#since = undefined
    return 'goes on'
  }

  async #say(text: string): Promise<void> {
    if (this.#developed.json)
      await this.#stream.line(terminalLine({ time: new Date(now()).toISOString(), kind: 'development', text }))
    else await this.#stream.line(this.#colours ? `\x1b[1m${terminalText(text)}\x1b[0m` : terminalText(text))
  }

  #print(record: LogRecord): string {
    if (this.#developed.json) return terminalLine(recordData(record))
    return recordText({ width: Math.max(WIDTH, sourceText(record.source).length), isColoured: this.#colours })(record)
  }
}
