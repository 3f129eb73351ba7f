import type { Server } from 'node:http'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { recordDaemon } from '../control/daemon-record.ts'
import type { Machine } from '../desired/environment.ts'
import { DEVELOPER_SOCKET, PAUSE_SOCKET } from '../desired/slot.ts'
import { CronRunner } from '../host/cron/cron-runner.ts'
import type { Lock } from '../host/disk/lock.ts'
import { isDraining } from '../host/home/draining.ts'
import type { Paths } from '../host/home/paths.ts'
import { log } from '../host/logs/logger.ts'
import type { Front } from '../host/nginx/front.ts'
import { forgetLayers } from '../host/plugins/desired/kept-layers.ts'
import { now, steadyNow } from '../host/process/clock.ts'
import type { ServiceManager } from '../host/service/service-manager.ts'
import { readLinks } from '../host/workers/links.ts'
import { isPaused } from '../host/workers/pause/paused.ts'
import { openWaitingRoom } from '../host/workers/pause/room.ts'
import type { Problem } from '../problem.ts'
import type { ProcessId } from '../worker/state.ts'
import { Alarm } from './alarm.ts'
import { beginBeside } from './beside/beside.ts'
import { type Controlled, closeAtOnce, isLeaving, lookAtAll, serveDaemon } from './control/control.ts'
import { Rounds } from './control/rounds.ts'
import { Succession } from './control/succession.ts'
import { knownOf } from './developer/known.ts'
import { serveDevelopers } from './developer/serve-developers.ts'
import { Disk } from './disk.ts'
import { faultOf } from './fault.ts'
import { type Machinery, newMachinery, retryHolds, round } from './loop.ts'
import { Metrics } from './metrics.ts'
import { type Cause, Pace } from './pace/pace.ts'
import { Publisher } from './publisher.ts'
import { Standing } from './report/standing.ts'
import { Telling } from './report/telling.ts'
import { IDLE_MS, PAUSE_MS, restMs } from './rest.ts'
import { RoundTimes } from './round-times.ts'
import { listenToSignals } from './signals.ts'
import { stopAll } from './stop-all.ts'
import type { Configuration } from './wanted/configuration.ts'
import { WantedState } from './wanted/wanted.ts'

/** How often who supervises this daemon hears that it is still on its way out. */
const LEAVING_TELL_MS = 5000

export interface DaemonInput {
  readonly paths: Paths
  readonly machine: Machine
  readonly front: Front
  /** What this process runs, by `runningCode`. */
  readonly code: string
  readonly manager: ServiceManager
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
  readonly #configuration: Configuration
  readonly #alarm = new Alarm()
  readonly #disk: Disk
  readonly #metrics: Metrics
  readonly #wanted: WantedState
  readonly #cron: CronRunner
  readonly #publisher: Publisher
  readonly #machinery: Machinery
  readonly #standing: Standing
  readonly #telling: Telling
  readonly #controlled: Controlled
  readonly #rounds = new Rounds()
  readonly #roundTimes = new RoundTimes()
  readonly #succession = new Succession()
  readonly #pace = new Pace()
  #cause: Cause = 'anything'
  /** What went wrong in the last round, so that it is logged once. */
  #fault: Problem | undefined
  #tell: Tell = () => undefined
  /** Whether each plugin has been decided once. */
  #isReady = false

  constructor(input: DaemonInput, configuration: Configuration) {
    const { paths, machine } = input
    const ring = (): void => this.#alarm.ring()
    this.#input = input
    this.#configuration = configuration
    this.#disk = new Disk(paths, ring)
    this.#metrics = new Metrics(paths, () => configuration.inForce.config, ring)
    this.#cron = new CronRunner(paths, ring)
    this.#wanted = new WantedState({
      paths,
      machine,
      configuration,
      changed: ring,
      // While it drains no job is begun; those that run go on to their end.
      isNew: (state) => this.#cron.update(isDraining(paths) ? [] : state.cron),
    })
    this.#standing = new Standing(paths, ring)
    this.#publisher = new Publisher(this.#disk.withRoom(input.front), ring)
    const ringForWorkers = (): void => this.#alarm.ring('workers')
    this.#machinery = newMachinery(input, this.#publisher, () => configuration.inForce.config, ringForWorkers)
    this.#telling = new Telling({
      ...input,
      configuration,
      since: now(),
      rounds: this.#roundTimes,
      publisher: this.#publisher,
      machinery: this.#machinery,
      wanted: this.#wanted,
      cron: this.#cron,
      standing: this.#standing,
      disk: this.#disk,
      metrics: this.#metrics,
    })
    this.#controlled = {
      paths,
      manager: input.manager,
      code: input.code,
      status: () => this.#telling.status(),
      alarm: this.#alarm,
      rounds: this.#rounds,
      wanted: this.#wanted,
      publisher: this.#publisher,
      demand: this.#machinery.demand,
      cron: this.#cron,
      standing: this.#standing,
      succession: this.#succession,
    }
  }

  /** Runs until it is told to stop, or until another daemon has asked for its place: then it has freed the lock. */
  async run(lock: Lock, tell: Tell = () => undefined): Promise<'stopped' | LetGo> {
    const { paths, code, machine, front } = this.#input
    this.#tell = tell
    log('INFO', `mfserv ${machine.version} (${code}) starts in ${paths.runtimeHome}, pid ${process.pid}`)
    this.#fault = await faultOf(this.#fault, () => recordDaemon(paths, code, 'adopting'))
    this.#standing.begin(front.pid() !== undefined)
    this.#machinery.workers.adopt(readLinks(paths.run))
    this.#cron.adopt()
    const { holdLimits, workers } = this.#machinery
    this.#machinery.room = await openWaitingRoom(join(paths.run, PAUSE_SOCKET), holdLimits, (name) => isPaused(name, paths))
    const known = knownOf(this.#telling, this.#wanted.plugins, workers)
    this.#machinery.developers = await serveDevelopers(join(paths.run, DEVELOPER_SOCKET), known)
    const control = await serveDaemon(this.#controlled)
    tell('serving')
    const ignore = listenToSignals({ stop: () => this.#standing.stop(), look: () => lookAtAll(this.#controlled) })
    let telling: NodeJS.Timeout | undefined
    try {
      const hasCommand = await this.#supervise()
      // What follows may take minutes; each step has an end of its own, so the whole has one.
      this.#tellLeaving()
      telling = setInterval(() => this.#tellLeaving(), LEAVING_TELL_MS)
      await this.#publisher.settled()
      await this.#wanted.close()
      const { successor } = this.#succession
      if (successor !== undefined && !this.#standing.isStopping()) return this.#letGo(successor, lock, control, hasCommand)
      await this.#stop()
    } catch (error) {
      closeAtOnce(control)
      throw error
    } finally {
      clearInterval(telling)
      ignore()
    }
    closeAtOnce(control)
    log('INFO', 'mfserv stopped')
    return 'stopped'
  }

  async #stop(): Promise<void> {
    const { paths, front } = this.#input
    this.#succession.free('stopping')
    await stopAll({
      delayMs: this.#configuration.inForce.config.settings.nginx.smart_stop_delay * 1000,
      front,
      machinery: this.#machinery,
      cron: this.#cron,
      alarm: this.#alarm,
    })
    forgetLayers(paths)
    this.#standing.stopped()
  }

  #tellLeaving(): void {
    const { manager } = this.#input
    if (this.#standing.isStopping()) manager.stops()
    else manager.works()
  }

  /** From here on nothing is written, and nothing is done but to answer who waits. */
  #letGo(successor: ProcessId, lock: Lock, control: Server, hasCommand: () => boolean): LetGo {
    log('INFO', `the mfserv daemon with pid ${successor.pid} supervises from now on`)
    this.#machinery.workers.letGo()
    this.#cron.letGo()
    this.#input.manager.handsOver()
    lock.release()
    this.#succession.free('let-go')
    return {
      successor,
      configuration: this.#configuration,
      machinery: this.#machinery,
      hasCommand,
      decided: () => this.#succession.decide(),
      close: () => new Promise((resolve) => control.close(() => resolve())),
    }
  }

  /** Until another is to do it, or none; answers what tells whether a command that it started still runs. */
  async #supervise(): Promise<() => boolean> {
    const config = (): Config => this.#configuration.inForce.config
    const beside = beginBeside({ paths: this.#input.paths, config, metrics: this.#metrics, disk: this.#disk })
    try {
      while (!isLeaving(this.#controlled)) await this.#once()
      return beside.hasCommand
    } finally {
      beside.end()
      this.#rounds.end()
    }
  }

  /** One turn of the loop: look, decide, act, tell, wait. */
  async #once(): Promise<void> {
    const begun = steadyNow()
    const isShort = this.#pace.isShort(this.#cause, begun)
    const outcome = await this.#look(isShort)
    const ended = steadyNow()
    if (!isShort) this.#pace.whole(begun, ended)
    this.#roundTimes.took(begun, ended)
    // Who asked for a look means a whole one.
    if (!isShort) this.#rounds.end()
    this.#input.manager.works()
    const calmMs = restMs(begun, this.#machinery, this.#cron, this.#configuration)
    const restedMs = Math.min(calmMs, this.#pace.restMs(ended))
    const rung = await this.#alarm.wait(outcome === 'failed' ? IDLE_MS : outcome === 'done' ? PAUSE_MS : restedMs)
    const isToRead = outcome === 'failed' || this.#wanted.isBeingWritten() || this.#configuration.restMs() !== undefined
    this.#cause = isToRead ? 'anything' : (rung ?? (outcome === 'done' ? 'workers' : 'time'))
  }

  /** A fault in one round, such as a full disk, must not end what supervises all the others: it is told, and tried again. */
  async #look(isShort: boolean): Promise<'done' | 'nothing to do' | 'failed'> {
    let actions = 0
    const fault = await faultOf(this.#fault, async () => {
      if (!isShort) await this.#wanted.read()
      this.#cron.tick()
      const { state } = this.#wanted
      actions = state === undefined ? 0 : await round(state, this.#machinery)
      this.#keepGood()
      retryHolds(this.#machinery)
    })
    const outcome = actions > 0 ? 'done' : 'nothing to do'
    if (isShort) return fault === undefined ? outcome : 'failed'
    const plugins = this.#telling.plugins()
    const publish = (): void => this.#telling.publish(plugins, () => this.#tell('supervising'))
    this.#fault = fault ?? (await faultOf(this.#fault, publish))
    this.#telling.judge(plugins, this.#fault)
    this.#tellManager()
    if (this.#fault !== undefined) return 'failed'
    return outcome
  }

  /** A machine that boots goes on with what needs this service when people are served, not sooner. */
  #tellManager(): void {
    const { manager } = this.#input
    const { word, because } = this.#standing
    manager.status([word, ...because.slice(0, 1)].join(': '))
    if (this.#isReady) return
    this.#isReady = word !== 'STARTING'
    if (this.#isReady) manager.ready()
    else manager.starts()
  }

  #keepGood(): void {
    const { last } = this.#publisher
    if (this.#wanted.isReconfigured()) return
    if (last?.is === 'running' && last.routes === this.#wanted.state?.routesKey) this.#configuration.taken(last.at)
  }
}
