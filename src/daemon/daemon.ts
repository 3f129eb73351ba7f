import type { Server } from 'node:http'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { recordDaemon } from '../control/daemon-record.ts'
import type { HandOverAnswer, PluginReport, StatusReport } from '../control/protocol.ts'
import { type Handlers, serveControl } from '../control/server.ts'
import { writeWelcomeData } from '../control/status-file.ts'
import { desire } from '../desired/desire.ts'
import type { DesiredState } from '../desired/desired.ts'
import type { Machine } from '../desired/environment.ts'
import type { AppId } from '../desired/ids.ts'
import { CronRunner } from '../host/cron/cron-runner.ts'
import { digest } from '../host/disk/digest.ts'
import { systemProblem } from '../host/disk/disk-problem.ts'
import type { Lock } from '../host/disk/lock.ts'
import { stampsOf } from '../host/disk/stamps.ts'
import { ownUuid } from '../host/home/directories.ts'
import type { Paths } from '../host/home/paths.ts'
import { log } from '../host/logs/logger.ts'
import { desireSettings } from '../host/module/desire-settings.ts'
import type { Front } from '../host/nginx/front.ts'
import { forgetLayers, rememberedLayers, rememberLayers } from '../host/plugins/kept-layers.ts'
import { restartsOf, stoppedPlugins } from '../host/plugins/plugin-marks.ts'
import { now, steadyNow } from '../host/process/clock.ts'
import { processId } from '../host/process/proc.ts'
import { findPhpFpm } from '../host/programs/php-fpm.ts'
import { Python2Search } from '../host/programs/python2.ts'
import { HangWatch } from '../host/workers/hang-watch.ts'
import type { Hold } from '../host/workers/hold.ts'
import { readLinks } from '../host/workers/links.ts'
import { Workers } from '../host/workers/workers.ts'
import { faultText, isError, Problem } from '../problem.ts'
import type { Millis } from '../time.ts'
import type { ProcessId } from '../worker/state.ts'
import { Alarm } from './alarm.ts'
import { Candidates } from './candidates.ts'
import type { Configuration } from './configuration.ts'
import { Disk } from './disk.ts'
import { forwarding } from './forward.ts'
import { keepLogsBounded } from './logs.ts'
import { type Machinery, retryHolds, round } from './loop.ts'
import { Plugins } from './plugins.ts'
import { Provisioning } from './provisioning.ts'
import { Publisher } from './publisher.ts'
import { Reading, type Scope } from './reading.ts'
import { reportEntry } from './report/report-cron.ts'
import { ModuleReporter } from './report/report-module.ts'
import { RoundTimes } from './round-times.ts'
import { holdLimits } from './settings.ts'
import { Standing } from './standing.ts'
import { stopAll } from './stop-all.ts'

/** How often to look while something is under way that tells nobody, such as connections that end. */
const SOON_MS = 100
/** Between two rounds that both had something to do: a fault of ours must not take a whole processor. */
const PAUSE_MS = 2
/** How often what nobody announces is looked at: nginx, the logs, adopted workers that serve. */
const IDLE_MS = 1000
/** How often the site directory is looked at. */
const PROVISION_LOOK_MS = 1000
const STOP_WITHIN_MS = 30_000

export interface DaemonInput {
  readonly paths: Paths
  readonly machine: Machine
  readonly front: Front
  /** What this process runs, by `runningCode`. */
  readonly code: string
}

/** Told once each. `serving`: its control socket answers. `supervising`: it has done its work once. */
export type Tell = (phase: 'serving' | 'supervising') => void

/** A daemon that another one takes the place of: it supervises nothing any more, and its lock is free. */
export interface LetGo {
  readonly successor: ProcessId
  readonly configuration: Configuration
  /** Who waits in its holds still does. */
  readonly machinery: Machinery
  /** Whether a command that it started still runs: only its parent learns how it ends. */
  readonly hasCommand: () => boolean
  /** Another daemon serves the control socket now, and answers those who wait here for it. */
  readonly decided: () => void
  /** Closes its control socket when everybody there has an answer. */
  readonly close: () => Promise<void>
}

/** The supervisor: it reads the disk, computes what should be, observes, plans, applies, publishes its status, and waits. */
export class Daemon {
  readonly #input: DaemonInput
  readonly #alarm = new Alarm()
  readonly #workers: Workers
  readonly #plugins: Plugins
  readonly #candidates: Candidates
  readonly #cron: CronRunner
  readonly #python2: Python2Search
  readonly #publisher: Publisher
  readonly #machinery: Machinery
  readonly #standing: Standing
  readonly #uuid: string
  readonly #reporter: ModuleReporter
  readonly #configuration: Configuration
  readonly #reading = new Reading()
  readonly #disk: Disk
  #desired: DesiredState | undefined
  /** Whether another configuration is in force than the desired state was made with. */
  #isReconfigured = false
  /** Rounds that have ended since the start: who asked for a look waits for one that began afterwards. */
  #rounds = 0
  #roundEnds = Promise.withResolvers<void>()
  readonly #roundTimes = new RoundTimes()
  #lastData = ''
  /** What went wrong in the last round, so that it is logged once. */
  #fault: Problem | undefined
  #tell: Tell = () => undefined
  #isRecorded = false
  /** Who asked for the place of this daemon; the round that is under way is the last then. */
  #successor: ProcessId | undefined
  readonly #freed = Promise.withResolvers<'let-go' | 'stopping'>()
  readonly #decided = Promise.withResolvers<void>()

  constructor(input: DaemonInput, configuration: Configuration) {
    const { paths } = input
    this.#disk = new Disk(paths, () => this.#alarm.ring())
    const front = this.#disk.withRoom(input.front)
    this.#input = input
    this.#configuration = configuration
    this.#uuid = ownUuid(paths)
    this.#workers = new Workers(paths, () => this.#alarm.ring())
    this.#plugins = new Plugins(paths, () => this.#alarm.ring())
    this.#candidates = new Candidates(paths)
    this.#standing = new Standing(paths, () => this.#alarm.ring())
    this.#python2 = new Python2Search(join(paths.config, 'config.ini'))
    this.#cron = new CronRunner(paths, () => this.#alarm.ring())
    this.#publisher = new Publisher(front, () => this.#alarm.ring())
    this.#machinery = {
      paths,
      publisher: this.#publisher,
      workers: this.#workers,
      hangs: new HangWatch(this.#workers),
      holds: new Map<AppId, Hold>(),
      holdLimits: () => holdLimits(this.#configuration.inForce.config),
      limits: { starting: Math.max(4, availableParallelism() * 2) },
      faults: new Map(),
    }
    this.#reporter = new ModuleReporter({
      ...input,
      configuration,
      since: now(),
      rounds: this.#roundTimes,
      publisher: this.#publisher,
      machinery: this.#machinery,
      plugins: this.#plugins,
      candidates: this.#candidates,
      cron: this.#cron,
    })
  }

  /** Runs until it is told to stop, or until another daemon has asked for its place: then it has freed the lock. */
  async run(lock: Lock, tell: Tell = () => undefined): Promise<'stopped' | LetGo> {
    const { paths, code, machine, front } = this.#input
    this.#tell = tell
    log('INFO', `mfserv ${machine.version} (${code}) starts in ${paths.runtimeHome}, pid ${process.pid}`)
    this.#fault = await this.#faultOf(() => recordDaemon(paths, code, 'adopting'))
    this.#standing.begin(front.pid() !== undefined)
    this.#workers.adopt(readLinks(paths.run))
    this.#cron.adopt()
    const control = await this.#serve()
    tell('serving')
    const ignore = listenToSignals({ stop: () => this.#standing.stop(), look: () => this.#lookAtAll() })
    try {
      const hasCommand = await this.#supervise()
      await this.#publisher.settled()
      await this.#plugins.close()
      if (this.#successor !== undefined && !this.#standing.isStopping()) {
        return this.#letGo(this.#successor, lock, control, hasCommand)
      }
      this.#freed.resolve('stopping')
      await stopAll({
        delayMs: this.#configuration.inForce.config.settings.nginx.smart_stop_delay * 1000,
        withinMs: STOP_WITHIN_MS,
        front: this.#input.front,
        machinery: this.#machinery,
        cron: this.#cron,
        alarm: this.#alarm,
      })
      forgetLayers(paths)
      this.#standing.stopped()
    } catch (error) {
      closeAtOnce(control)
      throw error
    } finally {
      ignore()
    }
    closeAtOnce(control)
    log('INFO', 'mfserv stopped')
    return 'stopped'
  }

  /** From here on nothing is written, and nothing is done but to answer who waits. */
  #letGo(successor: ProcessId, lock: Lock, control: Server, hasCommand: () => boolean): LetGo {
    log('INFO', `the mfserv daemon with pid ${successor.pid} supervises from now on`)
    this.#workers.letGo()
    this.#cron.letGo()
    lock.release()
    this.#freed.resolve('let-go')
    return {
      successor,
      configuration: this.#configuration,
      machinery: this.#machinery,
      hasCommand,
      decided: () => this.#decided.resolve(),
      close: () => new Promise((resolve) => control.close(() => resolve())),
    }
  }

  /** Until another is to do it, or none; answers what tells whether a command that it started still runs. */
  async #supervise(): Promise<() => boolean> {
    const { paths } = this.#input
    const provisioning = new Provisioning(paths)
    provisioning.look()
    const timers = [
      setInterval(() => provisioning.look(), PROVISION_LOOK_MS),
      keepLogsBounded(paths.log, () => this.#configuration.inForce.config),
    ]
    const room = this.#disk.watch()
    try {
      while (!this.#isLeaving()) await this.#once()
      return () => provisioning.isRunning()
    } finally {
      room.close()
      for (const timer of timers) clearInterval(timer)
      this.#roundEnds.resolve()
    }
  }

  #isLeaving(): boolean {
    return this.#standing.isStopping() || this.#successor !== undefined
  }

  /** One turn of the loop: look, decide, act, tell, wait. */
  async #once(): Promise<void> {
    const begun = steadyNow()
    const actions = await this.#look()
    this.#roundTimes.took(begun, steadyNow())
    this.#rounds += 1
    this.#roundEnds.resolve()
    this.#roundEnds = Promise.withResolvers<void>()
    await this.#alarm.wait(actions === 'failed' ? IDLE_MS : actions === 'done' ? PAUSE_MS : this.#restMs(begun))
  }

  /** A fault in one round, such as a full disk, must not end what supervises all the others: it is told, and tried again. */
  async #look(): Promise<'done' | 'nothing to do' | 'failed'> {
    let actions = 0
    const fault = await this.#faultOf(async () => {
      await this.#readDisk()
      this.#cron.tick()
      actions = this.#desired === undefined ? 0 : await round(this.#desired, this.#machinery)
      this.#keepGood()
      retryHolds(this.#machinery)
    })
    const plugins = this.#reporter.plugins(this.#desired)
    this.#fault = fault ?? (await this.#faultOf(() => this.#publish(plugins)))
    this.#judge(plugins)
    if (this.#fault !== undefined) return 'failed'
    return actions > 0 ? 'done' : 'nothing to do'
  }

  #keepGood(): void {
    const { last } = this.#publisher
    if (this.#isReconfigured) return
    if (last?.is === 'running' && last.routes === this.#desired?.routesKey) this.#configuration.taken(last.at)
  }

  async #faultOf(work: () => Promise<void> | void): Promise<Problem | undefined> {
    try {
      await work()
      return undefined
    } catch (error) {
      const problem = systemProblem(error) ?? unfinished(error instanceof Error ? error.message : String(error))
      if (problem.message !== this.#fault?.message) log('ERROR', faultText(error))
      return problem
    }
  }

  #readDisk(): Promise<void> {
    return this.#reading.run(this.#stampsOfFiles(), (scope) => this.#readScope(scope))
  }

  async #readScope(scope: Scope): Promise<void> {
    const which = scope === 'all' ? 'all' : 'stale'
    if ((await this.#configuration.refresh(which)) === 'changed') this.#isReconfigured = true
    const outcome = await this.#plugins.refresh(this.#configuration.inForce.variables, which)
    const tried = this.#candidates.refresh(this.#configuration.inForce.variables, which)
    if (scope === 'stale' && !this.#isReconfigured && outcome === 'same' && tried === 'same') return
    this.#desired = await this.#desire()
    this.#isReconfigured = false
    this.#cron.update(this.#desired.cron)
    rememberLayers(this.#input.paths, this.#desired.plugins)
  }

  /** Changes with what is not watched: what people install and stop, and what administrators edit of installed plugins. */
  #stampsOfFiles(): string {
    const { paths } = this.#input
    const installed = this.#plugins.all().filter(({ mode }) => mode === 'installed')
    return stampsOf([
      paths.plugins,
      paths.stopped,
      paths.restarts,
      ...installed.flatMap(({ home }) => [join(home, 'config.ini'), join(home, 'crontab')]),
    ])
  }

  async #desire(): Promise<DesiredState> {
    const { paths } = this.#input
    const { config } = this.#configuration.inForce
    const installed = this.#plugins.all().flatMap((plugin) => plugin.installed ?? [])
    const python2 = await this.#python2.forPlugins(installed, config.settings.python2.interpreter)
    const machine = { ...this.#input.machine, ...python2, phpFpmPath: findPhpFpm(process.env) }
    const settings = {
      ...desireSettings(config, machine, paths, this.#uuid),
      before: this.#desired?.plugins ?? rememberedLayers(paths),
      stopped: stoppedPlugins(paths),
      restarts: restartsOf(paths),
      candidates: this.#candidates.all().flatMap((one) => one.candidate ?? []),
    }
    return desire(installed, settings, machine, digest)
  }

  #restMs(planned: Millis): number {
    const wake = this.#workers.nextWake(planned)
    const isHolding = [...this.#machinery.holds.values()].some((hold) => hold.held() > 0)
    if (wake === 'soon' || isHolding) return SOON_MS
    const cron = this.#cron.nextWake()
    const configuration = this.#configuration.restMs()
    const rests = [
      ...(configuration === undefined ? [] : [configuration]),
      ...(wake === undefined ? [] : [wake - steadyNow()]),
      ...(cron === undefined ? [] : [cron - now()]),
    ]
    const idleMs = this.#machinery.hangs.isAsking() ? IDLE_MS / 2 : IDLE_MS
    return Math.max(0, Math.min(idleMs, ...rests))
  }

  #judge(plugins: readonly PluginReport[]): void {
    const ofNginx = this.#publisher.problem
    const problems = [...this.#problems(), ...(ofNginx === undefined ? [] : [ofNginx])].filter(isError)
    this.#standing.judge({ nginx: this.#reporter.stateOfFront(), plugins, problems })
  }

  /** For the welcome page, and for a daemon before this one. */
  #publish(plugins: readonly PluginReport[]): void {
    const data = JSON.stringify(plugins.map(({ name, state, version, summary }) => [name, state, version, summary]))
    if (data !== this.#lastData) writeWelcomeData(this.#input.paths, plugins)
    this.#lastData = data
    if (this.#isRecorded) return
    recordDaemon(this.#input.paths, this.#input.code, 'supervising')
    this.#isRecorded = true
    this.#tell('supervising')
  }

  /** What is wrong with the module itself. */
  #problems(): readonly Problem[] {
    const faults = [...this.#machinery.faults].map(([subject, fault]) => unfinished(`${subject}: ${fault}`))
    return [
      ...this.#configuration.problems,
      ...(this.#disk.problem === undefined ? [] : [this.#disk.problem]),
      ...(this.#fault === undefined ? [] : [this.#fault]),
      ...faults,
    ]
  }

  #report(): StatusReport {
    const { word, because } = this.#standing
    return this.#reporter.module(this.#desired, { word, because, problems: this.#problems(), stopMs: STOP_WITHIN_MS })
  }

  #serve(): Promise<Server> {
    const { control } = this.#input.paths
    const whoNext = () => (this.#successor === undefined || this.#standing.isStopping() ? undefined : this.#decided.promise)
    const handlers = {
      'GET /status': () => this.#report(),
      'POST /look': async () => {
        this.#lookAtAll()
        await this.#nextRound()
        return this.#report()
      },
      'GET /cron/history': (query) => this.#cron.history(...jobIn(query)).map(reportEntry),
      'POST /cron/run': (query) => this.#cron.runNow(...jobIn(query)),
      'POST /hand-over': (query) => this.#handOver(Number(query.get('pid')), query.get('code')),
      'POST /stop': () => {
        this.#standing.stop()
        return this.#report()
      },
    } satisfies Handlers
    return serveControl(control, forwarding(handlers, control, whoNext))
  }

  /** Answers when the round that is under way has ended and nothing is done here any more. */
  async #handOver(pid: number, code: string | null): Promise<HandOverAnswer> {
    if (code === this.#input.code) return { is: 'not-needed' }
    if (this.#standing.isStopping()) return { is: 'stopping' }
    const successor = processId(pid)
    if (successor === undefined) throw new Error(`there is no process ${pid} to hand over to`)
    this.#successor = successor
    this.#alarm.ring()
    return { is: await this.#freed.promise }
  }

  /** Answers after a round that began after this call, and after what it published is in service. */
  async #nextRound(): Promise<void> {
    let wanted = this.#rounds + 2
    const isWritten = (): boolean => this.#configuration.isBeingWritten() || this.#plugins.isBeingWritten()
    while (!this.#isLeaving()) {
      if (this.#rounds >= wanted && !isWritten()) {
        if (!this.#publisher.isUnderWay()) return
        await this.#publisher.settled()
        wanted = this.#rounds + 2
      }
      // What is being written is looked at again by itself, when it may be whole.
      if (this.#rounds < wanted) this.#alarm.ring()
      await this.#roundEnds.promise
    }
  }

  #lookAtAll(): void {
    this.#reading.askForAll()
    this.#alarm.ring()
  }
}

function jobIn(query: URLSearchParams): readonly [plugin: string, job: string] {
  return [query.get('plugin') ?? '', query.get('job') ?? '']
}

function unfinished(what: string): Problem {
  return new Problem('FAULT', `not all was done: ${what}`, 'It is tried again. See log/mfserv.log in the runtime home.')
}

/** Answers what ends the listening. */
function listenToSignals({ stop, look }: { readonly stop: () => void; readonly look: () => void }): () => void {
  const listened = [['SIGTERM', stop] as const, ['SIGINT', stop] as const, ['SIGHUP', look] as const]
  for (const [signal, listener] of listened) process.on(signal, listener)
  return () => {
    for (const [signal, listener] of listened) process.off(signal, listener)
  }
}

function closeAtOnce(control: Server): void {
  control.close()
  control.closeAllConnections()
}
