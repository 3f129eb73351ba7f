import { existsSync } from 'node:fs'
import { askControl } from '../../control/client.ts'
import type { StatusReport } from '../../control/protocol.ts'
import { serverSettings } from '../../desired/server-settings.ts'
import type { DaemonFacts, Facts, HomeFacts, Trouble } from '../../doctor/facts.ts'
import { restorePlaces } from '../../host/backup/swap-home.ts'
import { certificateFacts } from '../../host/doctor/certificate-facts.ts'
import { clockFacts } from '../../host/doctor/clock-facts.ts'
import { diskFacts, homeFacts } from '../../host/doctor/home-facts.ts'
import { limitFacts, machineFacts } from '../../host/doctor/kernel.ts'
import { programFacts } from '../../host/doctor/program-facts.ts'
import { unitFacts } from '../../host/doctor/unit-facts.ts'
import { type Paths, pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { readHardware } from '../../host/module/hardware.ts'
import { readConfig } from '../../host/module/read-config.ts'
import { portProblems } from '../../host/nginx/ports.ts'
import { findMaster } from '../../host/nginx/processes.ts'
import { lookAtAll } from '../../host/plugins/installed.ts'
import { sandboxFacts } from '../../host/sandbox/probe.ts'
import { isError, Problem } from '../../problem.ts'
import { hasLeftovers } from './leftovers.ts'

/** A daemon that is well answers within a round. */
const ANSWERS_WITHIN_MS = 5000

/** Looks at everything and changes nothing, whatever is there: no runtime home, no daemon, one that does not answer. */
export async function examine(env: NodeJS.ProcessEnv, now: number): Promise<Facts> {
  const found = homeOf(env)
  const common = { now, machine: machineFacts(), limits: limitFacts(), unit: unitFacts() }
  if (!('paths' in found)) {
    const nothing = { disks: [], certificates: [], programs: [], troubles: [], daemon: { is: 'down' } } as const
    return { ...common, ...nothing, home: found, clock: { isSynchronised: undefined, notBefore: 0, newestFile: undefined } }
  }
  const { paths } = found
  const read = readConfig(paths, readHardware(), env)
  const { settings } = read.config
  const asked = existsSync(paths.runtimeHome) ? await askDaemon(paths) : { daemon: { is: 'down' } as const, report: undefined }
  const certificates = certificateFacts(paths, read.config)
  const plugins = lookAtAll(paths, read.variables, env)
  const ports = settings.nginx.flag ? await portProblems(serverSettings(read.config), findMaster(paths)) : []
  return {
    ...common,
    home: homeFacts(paths, now),
    disks: diskFacts(paths),
    clock: clockFacts(paths),
    certificates: certificates.certificates,
    programs: await programFacts({ paths, env, plugins, front: settings.nginx.flag }),
    daemon: asked.daemon,
    sandbox: settings.sandbox.level === 'off' ? undefined : sandboxFacts(),
    troubles: [
      ...interrupted(paths),
      ...certificates.troubles,
      ...troublesOf([...read.problems, ...ports]),
      ...reported(asked.report, read.problems),
    ],
  }
}

function homeOf(env: NodeJS.ProcessEnv): { readonly paths: Paths } | HomeFacts {
  try {
    return { paths: pathsOf(runtimeHome(env)) }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const none = { count: 0, paths: [] }
    const { message: why, fix } = error
    return {
      path: error.where?.file ?? '',
      is: 'not ours',
      why,
      fix,
      ofOthers: none,
      openToOthers: none,
      stale: none,
      hasDevelopment: false,
    }
  }
}

async function askDaemon(paths: Paths): Promise<{ readonly daemon: DaemonFacts; readonly report: StatusReport | undefined }> {
  try {
    const report = await askControl(paths.control, 'GET /status', {}, ANSWERS_WITHIN_MS)
    if (report === undefined) return { daemon: { is: hasLeftovers(paths) ? 'gone' : 'down' }, report }
    return { daemon: { is: 'running', word: report.status, because: report.because, limits: report.limits }, report }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { daemon: { is: 'silent', why: error.message }, report: undefined }
  }
}

function troublesOf(problems: readonly Problem[]): readonly Trouble[] {
  return problems.map((problem) => {
    const { where, message, fix } = problem
    const place = where === undefined ? '' : `${where.file}${where.line === undefined ? '' : `:${where.line}`} `
    return { what: `${place}${message}`, fix, isError: isError(problem) }
  })
}

function interrupted(paths: Paths): readonly Trouble[] {
  if (!existsSync(restorePlaces(paths).commit)) return []
  return [{ what: 'a restoration of this home was interrupted', fix: 'mfserv.start completes it', isError: true }]
}

/** What only the daemon knows: of the module and of each plugin, without what the files say as well. */
function reported(report: StatusReport | undefined, known: readonly Problem[]): readonly Trouble[] {
  if (report === undefined) return []
  const told = new Set(known.map(({ message }) => message))
  const ofModule = report.problems
    .filter(({ message }) => !told.has(message))
    .map(({ message, fix }) => ({ what: message, fix, isError: true }))
  const ofPlugins = report.plugins.flatMap(({ name, state, problems }) =>
    state === 'serving' || state === 'stopped' || state === 'starting'
      ? []
      : problems.slice(0, 1).map(({ message, fix }) => ({
          what: `plugin ${name} is ${state}: ${message.split('\n', 1)[0] ?? ''}`,
          fix,
          isError: true,
        })),
  )
  return [...ofModule, ...ofPlugins]
}
