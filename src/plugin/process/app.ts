import { Problem, type Where } from '../../problem.ts'
import type { Runtime } from '../../runtime/contract.ts'
import { RUNTIMES } from '../../runtime/runtime.ts'
import { type FragmentNames, fragmentValues } from '../fragment/fill.ts'
import { certificateOf, passwordsOf, ruleProblems, rulesOf } from '../front/read-rules.ts'
import type { Values } from '../key.ts'
import { APP_KEYS } from '../keys.ts'
import type { App, HttpTest, Limits, Routing } from '../plugin.ts'
import { type Reading, readSection } from '../section.ts'
import type { PluginSection } from '../sections.ts'
import { type PluginTree, readFragment } from '../tree.ts'
import { entryName, readEntry } from './app-entry.ts'
import { filesOf, filesProblems } from './app-files.ts'
import { scaleProblems, workersOf } from './app-scale.ts'
import { boundsIn } from './bounds-in.ts'
import { logSplitOf } from './log-split.ts'
import { routeProblems } from './route-problems.ts'

export interface AppReading extends Reading {
  readonly plugin: string
  readonly tree: PluginTree
  readonly fragments: FragmentNames
}

export interface ReadApp {
  /** Undefined when its type cannot be told. */
  readonly app: App | undefined
  readonly texts: ReadonlyMap<string, string>
  /** `add_plugin_dir_to_python_path` of this app. */
  readonly wantsPluginDir: boolean
  readonly problems: readonly Problem[]
}

type AppValues = Values<typeof APP_KEYS>

/** `[app_<name>]` of either dialect. */
export function readApp(section: PluginSection, reading: AppReading): ReadApp {
  const { plugin, tree, fragments } = reading
  const name = section.name.slice('app_'.length)
  const read = readSection(section, APP_KEYS, reading)
  const { values, given } = read
  const { type, entry, problems } = readEntry(name, plugin, read, tree)
  const fragment = (key: 'extra_nginx_conf_filename' | 'extra_nginx_conf_static_filename') =>
    readFragment({ key: read.names.get(key) ?? key, path: values[key], where: given.get(key) }, tree, () =>
      fragmentValues(fragments, name),
    )
  const [forApp, forStatic] = [fragment('extra_nginx_conf_filename'), fragment('extra_nginx_conf_static_filename')]
  const runtime: Runtime | undefined = type && RUNTIMES[type]
  const dynamic = runtime?.serves === 'requests'
  const app: App | undefined = type && {
    name,
    where: section.where,
    lines: {
      entry: lineIn(section.where, entryName(read).where),
      extraRoutes: lineIn(section.where, given.get('prefix_based_routing_extra_routes')),
      extraVhosts: lineIn(section.where, given.get('virtualdomain_based_routing_extra_vhosts')),
    },
    type,
    ...filesOf(read),
    ...rulesOf(read),
    ...passwordsOf(read),
    ...certificateOf(read),
    entry,
    nodeExtraOpts: values.node_extra_opts,
    ...workersOf(values, dynamic),
    timeout: values.proxy_timeout || values.timeout,
    debug: values.debug,
    maxAge: values.debug ? 0 : values.max_age,
    startTimeout: values.start_timeout,
    gracefulTimeout: values.graceful_timeout,
    limits: limitsOf(values),
    ...boundsIn(values),
    ...logSplitOf(values),
    routing: routingOf(values),
    fragments: { app: forApp.fragment, static: forStatic.fragment },
    addAppDirToPythonPath: values.add_app_dir_to_python_path,
    httpTest: httpTestOf(values),
    gateway: values.gateway_interface_mode === 'fastcgi' || runtime?.gateway === 'fastcgi' ? 'fastcgi' : 'proxy',
  }
  return {
    app,
    texts: read.texts,
    wantsPluginDir: values.add_plugin_dir_to_python_path,
    problems: [
      ...nameProblems(name, section),
      ...read.problems,
      ...problems,
      ...(type === undefined ? [] : filesProblems(name, type, read, tree)),
      ...routeProblems(app, given, section.dialect),
      ...ruleProblems(app, read, tree),
      ...scaleProblems(app, read),
      ...forApp.problems,
      ...forStatic.problems,
    ],
  }
}

/** The line of a key, unless an override gives it. */
export function lineIn({ file }: Where, key: Where | undefined): number | undefined {
  return key?.file === file ? key.line : undefined
}

/** Sockets, logs and URLs carry the name of an app or a daemon. */
export function nameProblems(name: string, { where, name: section }: PluginSection): readonly Problem[] {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(name)) return []
  const fix = 'Use at least one and at most 64 letters, digits, _ and - behind the first part of the section name.'
  return [new Problem('INI_BAD_VALUE', `[${section}] has a name that is not allowed`, fix, where)]
}

export function limitsOf(values: LimitValues): Limits {
  return {
    as: values.rlimit_as,
    nofile: values.rlimit_nofile,
    nproc: values.rlimit_nproc,
    stack: values.rlimit_stack,
    core: values.rlimit_core,
    fsize: values.rlimit_fsize,
  }
}

type LimitValues = Pick<
  AppValues,
  'rlimit_as' | 'rlimit_nofile' | 'rlimit_nproc' | 'rlimit_stack' | 'rlimit_core' | 'rlimit_fsize'
>

function routingOf(values: AppValues): Routing {
  return {
    prefix: values.prefix_based_routing,
    mount: values.mount,
    virtualDomain: values.virtualdomain_based_routing,
    extraVhosts: values.virtualdomain_based_routing_extra_vhosts,
    extraRoutes: values.prefix_based_routing_extra_routes,
    static: values.static_routing ? { urlPrefix: values.static_url_prefix, directory: values.static_directory } : undefined,
  }
}

function httpTestOf(values: AppValues): HttpTest | undefined {
  if (values.http_test_endpoint === '') return undefined
  return {
    endpoint: values.http_test_endpoint,
    expectedStatus: values.http_test_expected_status_code,
    expectedBody: values.http_test_expected_body,
    timeout: values.http_test_timeout,
  }
}
