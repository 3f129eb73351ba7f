import { desiredBounds } from '../bounds/bounds.ts'
import { OWN_VARIABLES } from '../config/settings/own-variables.ts'
import { RULE_KEYS } from '../plugin/keys/rule-keys.ts'
import type { App, Plugin } from '../plugin/plugin.ts'
import { isError, Problem, type Where } from '../problem.ts'
import { desiredCron } from './cron.ts'
import type { CandidateApp, DesiredApp, DesiredState, WorkerSpec } from './desired.ts'
import { type Machine, pluginEnvironment, redisSocket } from './environment.ts'
import type { AppId, SpecHash } from './ids.ts'
import type { Candidate, InstalledPlugin, LayeredPlugin } from './installed.ts'
import { withLayers } from './layers.ts'
import { redisOf, redisSpec } from './redis-spec.ts'
import { routesOf } from './routes.ts'
import { sandboxProblems } from './sandbox/missing.ts'
import { sandboxOf } from './sandbox/sandbox.ts'
import { slotsFor } from './scale/scale.ts'
import type { DesireSettings } from './settings.ts'
import { appId, LONGEST_SOCKET_PATH, slotId, socketPlace } from './slot.ts'
import { ownCertificates } from './tls/own-certificates.ts'
import { appSpec, daemonSpec, hasWorkers, needsPython2, python2Of } from './worker-spec.ts'

/** Room for the number of a worker's generation in its socket's name. */
const LONGEST_GENERATION = 999_999

/**
 * What should be. `digest` makes a short name of a text, equal only for equal texts.
 * A plugin whose sockets cannot be named, or whose Python 2 or php-fpm is missing, is left out whole and named in `problems`; so is
 * one that depends on a plugin that is not there, unless `settings.before` has it.
 */
export function desire(
  installed: readonly InstalledPlugin[],
  settings: DesireSettings,
  machine: Machine,
  digest: (text: string) => string,
): DesiredState {
  const problems = new Map<string, Problem[]>()
  const report = (plugin: string, found: readonly Problem[]): void => {
    if (found.length > 0) problems.set(plugin, [...(problems.get(plugin) ?? []), ...found])
  }
  const { layered, problems: ofLayers } = withLayers(installed, settings.before ?? [])
  for (const [plugin, found] of ofLayers) report(plugin, found)
  const possible = layered.filter((one) => {
    const found = obstaclesOf(one, machine)
    const ofSandbox = sandboxProblems(one.plugin, settings.sandbox, machine)
    report(one.plugin.name, [...found, ...ofSandbox])
    return found.length === 0 && !ofSandbox.some(isError)
  })
  const { routes: plugins, conflicts } = route(possible, settings, machine)
  for (const [plugin, found] of conflicts) report(plugin, found)
  const routes = { server: settings.server, paths: settings.nginxPaths, plugins }
  const stopped = settings.stopped ?? new Set<string>()
  const serving = possible.flatMap((one) => desiredApps(one, settings, machine, digest))
  const tried = (settings.candidates ?? []).map((one) => tryOut(one, installed, settings, machine, digest))
  // What serves has the last word.
  const all = [...tried.flatMap(({ services }) => services), ...serving]
  const apps = new Map(all.map((app) => [app.id, stopped.has(app.plugin) ? resting(app) : app]))
  return {
    apps,
    candidates: new Map(tried.flatMap((one) => candidateApps(one, apps)).map((one) => [one.app.id, one])),
    routes,
    routesKey: digest(JSON.stringify([settings.front, routes])),
    ownCertificates: ownCertificates(layered, plugins),
    front: settings.front,
    plugins: layered,
    stopped,
    asides: settings.asides ?? new Map(),
    cron: possible
      .filter(({ plugin }) => !stopped.has(plugin.name))
      .flatMap((one) => desiredCron(one, settings, machine, digest)),
    problems,
    candidateProblems: new Map(tried.map(({ plugin, problems: found }) => [plugin, found])),
  }
}

interface Tried {
  readonly plugin: string
  readonly canaryPercent: number
  readonly apps: readonly DesiredApp[]
  /** Its Redis: the apps need it, and it goes on as it is after the commit. */
  readonly services: readonly DesiredApp[]
  readonly problems: readonly Problem[]
}

/** The apps of a candidate as they will be after its commit. Its daemons wait for that: they must not run twice. */
function tryOut(
  { installed: one, canaryPercent }: Candidate,
  installed: readonly InstalledPlugin[],
  settings: DesireSettings,
  machine: Machine,
  digest: (text: string) => string,
): Tried {
  const { name } = one.plugin
  const others = installed.filter(({ plugin }) => plugin.name !== name)
  const { layered, problems: ofLayers } = withLayers([...others, one], [])
  const whole = layered.filter(({ plugin }) => plugin.name === name)
  const refused = sandboxProblems(one.plugin, settings.sandbox, machine).filter(isError)
  const problems = [...(ofLayers.get(name) ?? []), ...whole.flatMap((plugin) => obstaclesOf(plugin, machine)), ...refused]
  const apps = problems.length > 0 ? [] : whole.flatMap((plugin) => desiredApps(plugin, settings, machine, digest))
  const services = apps.filter(({ id }) => apps.some(({ after }) => after === id))
  return { plugin: name, canaryPercent, apps: apps.filter(({ kind }) => kind === 'app'), services, problems }
}

function candidateApps({ apps, canaryPercent }: Tried, serving: DesiredState['apps']): readonly CandidateApp[] {
  return apps.map((app) => ({ app, canarySlots: canarySlots(canaryPercent, app, serving.get(app.id)) }))
}

/** At least one slot of the app that serves, and never all of them: the share is as fine as its slots are many. */
function canarySlots(percent: number, candidate: DesiredApp, serving: DesiredApp | undefined): number {
  if (percent <= 0 || serving === undefined || serving.slots === 0) return 0
  const share = Math.max(1, Math.round((percent / 100) * serving.slots))
  return Math.min(share, serving.slots - 1, candidate.slots)
}

function obstaclesOf(installed: InstalledPlugin, machine: Machine): readonly Problem[] {
  const { plugin } = installed
  return [
    ...plugin.apps.flatMap((app) => socketProblem(plugin, app, machine.run)),
    ...python2Problem(installed, machine),
    ...phpProblem(installed, machine),
    ...redisProblem(plugin, machine),
  ]
}

function route(possible: readonly InstalledPlugin[], { server }: DesireSettings, machine: Machine) {
  const { routes, problems } = routesOf(possible, {
    run: machine.run,
    hostnames: [machine.hostname, machine.hostnameFull],
    timeoutSeconds: server.timeoutSeconds,
    reserved: [server.healthLocation].filter((path) => path !== undefined),
  })
  const conflicts = possible.map(({ plugin }) => {
    const files = new Set(plugin.apps.map((app) => app.where.file))
    return [plugin.name, problems.filter(({ where }) => where !== undefined && files.has(where.file))] as const
  })
  return { routes, conflicts }
}

function desiredApps(
  installed: LayeredPlugin,
  settings: DesireSettings,
  machine: Machine,
  digest: (text: string) => string,
): readonly DesiredApp[] {
  const { plugin, layers, isDeveloped } = installed
  const environment = pluginEnvironment(settings.environment, installed, layers)
  const fingerprints = [installed, ...layers].map(({ fingerprint }) => fingerprint)
  const restarts = settings.restarts?.get(plugin.name)
  const sandbox = sandboxOf(installed, settings.sandbox, machine)
  const place = { installed, sandbox, environment, settings, machine }
  const hashed = (spec: Omit<WorkerSpec, 'hash'>): WorkerSpec => ({
    ...spec,
    hash: digest(JSON.stringify([fingerprints, concerning(spec), ...(restarts === undefined ? [] : [restarts])])) as SpecHash,
  })
  const redis = redisOf(plugin)
  const afterRedis = redis === undefined ? {} : { after: appId(plugin.name, `@${redis.name}`) }
  const apps = plugin.apps.filter(hasWorkers).map((app): DesiredApp => {
    const id = appId(plugin.name, app.name)
    const spec = hashed(appSpec(app, place))
    return {
      id,
      plugin: plugin.name,
      app: app.name,
      kind: 'app',
      ...slotsFor(app, isDeveloped !== false, settings.sleepAfterMs),
      spec,
      bounds: desiredBounds(app.bounds, plugin.bounds, settings.bounds),
      ...afterRedis,
    }
  })
  const daemons = plugin.daemons
    .filter(({ numprocesses }) => numprocesses > 0)
    .map((daemon): DesiredApp => {
      const name = `@${daemon.name}`
      const id = appId(plugin.name, name)
      return {
        id,
        plugin: plugin.name,
        app: name,
        kind: 'daemon',
        slots: daemon.numprocesses,
        bounds: desiredBounds(daemon.bounds, plugin.bounds, settings.bounds),
        spec: daemon.service === 'redis' ? redisSpec(daemon, plugin, machine, digest) : hashed(daemonSpec(daemon, place)),
      }
    })
  return [...apps, ...daemons]
}

/** How many there are of each app and daemon. */
const NUMBERS = /^MFSERV_CURRENT_PLUGIN_(?:APP|EXTRA)_\w+_(?:WORKERS|NUMPROCESSES|SLEEP_AFTER)$/
/** What holds for running workers too. */
const LIVE =
  /^MFSERV_CURRENT_PLUGIN_(?:GENERAL|APP_\w+|EXTRA_\w+)_(?:MEMORY_(?:MAX|HIGH)|TASKS_MAX|(?:CPU|IO)_WEIGHT|CPU_MAX|DISK_MAX)$/
/** What nginx does in front of an app, and its workers do not see. */
const FOR_NGINX = new RegExp(`^MFSERV_CURRENT_PLUGIN_APP_\\w+_(?:${Object.keys(RULE_KEYS).join('|').toUpperCase()})$`)

/** What makes another version of a worker. A level of the log, how nginx answers, or one worker more beside it is no reason to replace it. */
function concerning(spec: Omit<WorkerSpec, 'hash'>): Omit<WorkerSpec, 'hash'> {
  const concerns = (name: string): boolean =>
    !OWN_VARIABLES.has(name) && ![NUMBERS, LIVE, FOR_NGINX].some((one) => one.test(name))
  return { ...spec, env: Object.fromEntries(Object.entries(spec.env).filter(([name]) => concerns(name))) }
}

/** It keeps its routes and its hold, so that nothing has to be published when it starts again. */
function resting({ scale: _none, ...app }: DesiredApp): DesiredApp {
  return { ...app, slots: 0 }
}

function python2Problem(installed: InstalledPlugin, machine: Machine): readonly Problem[] {
  const { problem } = python2Of(installed, machine)
  return problem !== undefined && needsPython2(installed) ? [problem] : []
}

function phpProblem({ plugin }: InstalledPlugin, { phpFpm }: Machine): readonly Problem[] {
  const app = plugin.apps.find(({ type }) => type === 'php')
  if (app === undefined || phpFpm !== undefined) return []
  const fix =
    'Install it: mfserv setup --with php (without root it is unpacked into the runtime home), or apt install --no-install-recommends php-fpm. Then run mfserv.start or make develop.'
  return [new Problem('TOOL_MISSING', 'this machine has no php-fpm, which runs apps of the type php', fix, app.where)]
}

function redisProblem(plugin: Plugin, { redis, runtimeHome }: Machine): readonly Problem[] {
  const daemon = redisOf(plugin)
  if (daemon === undefined) return []
  const problem = tooLong(redisSocket(runtimeHome, plugin.name), 'the socket of its Redis', 'the plugin', daemon.where)
  if (problem !== undefined) return [problem]
  if (redis !== undefined) return []
  const fix =
    'Install it: mfserv setup --with redis (without root it is unpacked into the runtime home), or apt install redis-server. Then run mfserv.start or make develop.'
  return [new Problem('TOOL_MISSING', 'this machine has no redis-server, which redis_service = 1 needs', fix, daemon.where)]
}

function socketProblem(plugin: Plugin, app: App, run: string): readonly Problem[] {
  if (!hasWorkers(app)) return []
  const id: AppId = appId(plugin.name, app.name)
  const longest = `${run}/${socketPlace(slotId(id, app.workers), LONGEST_GENERATION)}`
  const problem = tooLong(longest, `the sockets of app ${app.name}`, 'the plugin or of the app', app.where)
  return problem === undefined ? [] : [problem]
}

function tooLong(path: string, what: string, named: string, where: Where): Problem | undefined {
  const over = new TextEncoder().encode(path).length - LONGEST_SOCKET_PATH
  if (over <= 0) return undefined
  return new Problem(
    'SOCKET_PATH_TOO_LONG',
    `${what} would have a path of ${LONGEST_SOCKET_PATH + over} bytes, like ${path}; the system allows ${LONGEST_SOCKET_PATH}`,
    `Shorten the name of ${named}, or MFMODULE_RUNTIME_HOME, by ${over === 1 ? '1 character' : `${over} characters`}.`,
    where,
  )
}
