import { spawn } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname } from 'node:path'
import type { CronOutcome, CronRun } from '../../cron/state.ts'
import type { DesiredCronJob } from '../../desired/desired.ts'
import type { Exit, ProcessId } from '../../worker/state.ts'
import { makeOwnDirectories } from '../home/own-directories.ts'
import { openLog } from '../logs/log-file.ts'
import { environmentOf, processes, processId, sessionOf } from '../process/proc.ts'
import { enter } from '../sandbox/enter.ts'
import { tellMissing } from '../sandbox/tell-missing.ts'

/** The variable by which a run is recognised even if the daemon died before it could write its pid down. */
const RUN_VARIABLE = 'MFSERV_CRON_RUN'

/**
 * Runs the command of a job and leaves its exit code in a file: `$1` the file, the rest the command. A signal
 * to its group ends the command; this shell stays until that has ended, so the run is over exactly when it is.
 */
const RUNNER = 'trap : HUP INT TERM; file=$1; shift; "$@"; code=$?; echo "$code" >"$file"; exit "$code"'

export interface SpawnedRun {
  readonly process: ProcessId
  readonly outputFrom: number
}

/**
 * Starts a run in a session of its own, its output appended to the job's log by the system alone: it outlives this process.
 * `onEnd` is called once, later; also for a run that could not be started, of which nothing is returned.
 */
export function spawnRun(
  job: DesiredCronJob,
  run: CronRun,
  exitFile: string,
  onEnd: (outcome: CronOutcome) => void,
): SpawnedRun | undefined {
  let log: number | undefined
  let input: number | 'ignore' = 'ignore'
  try {
    mkdirSync(dirname(exitFile), { recursive: true })
    makeOwnDirectories(job.env)
    log = openLog(job.logFile)
    writeSync(log, `${new Date(run.startedAt).toISOString()} (cron ${job.plugin} line ${job.line}) ${job.command}\n`)
    const outputFrom = fstatSync(log).size
    if (job.input !== undefined) input = openInput(`${exitFile}.input`, job.input)
    tellMissing(log, job.sandbox)
    const own = { ...job.env, [RUN_VARIABLE]: markOf(job, run) }
    const { words: inside, env } = enter(job.sandbox, job.cwd, own, [RUN_VARIABLE, 'MFMODULE_RUNTIME_HOME'])
    const words = ['-c', RUNNER, 'mfserv-cron', exitFile, ...inside, job.shell, '-c', job.command]
    const child = spawn('/bin/sh', words, { cwd: job.cwd, env, detached: true, stdio: [input, log, log] })
    child.once('error', (error) => onEnd({ is: 'not-started', message: error.message }))
    child.once('exit', (code, signal) => onEnd({ is: 'exited', exit: signal === null ? exitOf(code ?? 0) : { code, signal } }))
    if (child.pid === undefined) return undefined
    // Undefined when it has ended already; `exit` then follows, and no process has this start time.
    return { process: processId(child.pid) ?? { pid: child.pid, startTime: 0 }, outputFrom }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    setImmediate(() => onEnd({ is: 'not-started', message }))
    return undefined
  } finally {
    if (log !== undefined) closeSync(log)
    if (input !== 'ignore') closeSync(input)
  }
}

/** A shell tells of a signal by a code above 128. */
export function exitOf(code: number): Exit {
  const signal = Object.entries(constants.signals).find(([, number]) => number === code - 128)
  return { code, signal: signal === undefined ? null : (signal[0] as NodeJS.Signals) }
}

/** The process of a run that nobody wrote down. */
export function findRun(job: Pick<DesiredCronJob, 'plugin' | 'id'>, run: CronRun, runtimeHome: string): ProcessId | undefined {
  for (const pid of processes()) {
    if (sessionOf(pid) !== pid) continue
    const environment = environmentOf(pid)
    if (environment[RUN_VARIABLE] !== markOf(job, run) || environment['MFMODULE_RUNTIME_HOME'] !== runtimeHome) continue
    return processId(pid)
  }
  return undefined
}

function markOf({ plugin, id }: Pick<DesiredCronJob, 'plugin' | 'id'>, run: CronRun): string {
  return `${plugin}/${id}@${run.startedAt}`
}

/** A file that only the run can read, and that is gone when it ends. */
function openInput(file: string, text: string): number {
  writeFileSync(file, text, { mode: 0o600 })
  const input = openSync(file, 'r')
  rmSync(file)
  return input
}
