import { RUNTIMES } from '../runtime/runtime.ts'
import type { App, Plugin } from './plugin.ts'

/** Something in a plugin that reaches beyond it. */
export interface Danger {
  readonly kind: 'nginx-fragment' | 'catch-all-route' | 'extra-route' | 'debug' | 'app-fragment'
  /** `danger`: it can change what others are served. `note`: it stays within the plugin, and is worth a look. */
  readonly level: 'danger' | 'note'
  /** Undefined for the whole plugin. */
  readonly app: string | undefined
  /** What exactly: a file, a route. */
  readonly subject: string
  readonly why: string
}

/** What an administrator should know before the plugin is served, the gravest first. */
export function dangersOf(plugin: Plugin): readonly Danger[] {
  const all = [...pluginFragments(plugin), ...plugin.apps.flatMap((app) => ofApp(plugin, app))]
  return [...all.filter(({ level }) => level === 'danger'), ...all.filter(({ level }) => level === 'note')]
}

/** Lines for people; none when there is nothing to say. */
export function dangersText(name: string, dangers: readonly Danger[]): readonly string[] {
  const lines = (level: Danger['level']): readonly string[] =>
    dangers
      .filter((danger) => danger.level === level)
      .map(({ app, subject, why }) => `  ${app === undefined ? '' : `app ${app}: `}${subject}: ${why}`)
  const [grave, mild] = [lines('danger'), lines('note')]
  return [
    ...(grave.length === 0 ? [] : [`The plugin ${name} is dangerous: it can affect other plugins, or be abused.`, ...grave]),
    ...(mild.length === 0 ? [] : [`To know about the plugin ${name}:`, ...mild]),
  ]
}

function pluginFragments({ home, fragments: { http, server, initWorker } }: Plugin): readonly Danger[] {
  const danger = (file: string, why: string): Danger => ({
    kind: 'nginx-fragment',
    level: 'danger',
    app: undefined,
    subject: relative(file, home),
    why,
  })
  return [
    ...(initWorker === undefined
      ? []
      : [danger(initWorker.file, 'is Lua that runs inside nginx, so it can change how every plugin is served')]),
    ...(http === undefined
      ? []
      : [danger(http.file, 'goes into the http level of nginx as it is, so it can change how every plugin is served')]),
    ...(server === undefined
      ? []
      : [danger(server.file, 'goes into the main server of nginx as it is, so it can take or change the URLs of every plugin')]),
  ]
}

const ANY_CODE = 'that runs any code for whoever'
const DEBUGGERS: Readonly<Record<string, string>> = {
  python3: `, and a debugger in the browser ${ANY_CODE} knows its PIN`,
  python2: `, and a debugger in the browser ${ANY_CODE} knows its PIN`,
  node: `, and an inspector of Node on loopback ${ANY_CODE} on this machine connects to it`,
  php: ', and PHP errors in the answers, for whoever may debug',
}

function ofApp({ name: plugin, home }: Plugin, { name: app, type, debug, routing, fragments }: App): readonly Danger[] {
  const routes = routing.prefix ? routing.extraRoutes : []
  return [
    ...(debug
      ? [
          {
            kind: 'debug',
            level: 'danger',
            app,
            subject: 'debug=1',
            why: `one worker only${DEBUGGERS[RUNTIMES[type].language] ?? ''}`,
          } as const,
        ]
      : []),
    ...routes.map((route) =>
      route === '/'
        ? ({
            kind: 'catch-all-route',
            level: 'danger',
            app,
            subject: 'the route /',
            why: 'answers every URL that no other plugin claims',
          } as const)
        : ({
            kind: 'extra-route',
            level: 'danger',
            app,
            subject: `the route ${route}`,
            why: `lies outside /${plugin}, so it can hide a URL of another plugin`,
          } as const),
    ),
    ...[fragments.app, fragments.static].flatMap((fragment) =>
      fragment === undefined
        ? []
        : [
            {
              kind: 'app-fragment',
              level: 'note',
              app,
              subject: relative(fragment.file, home),
              why: 'goes into the locations of the app in nginx as it is',
            } as const,
          ],
    ),
  ]
}

function relative(file: string, home: string): string {
  return file.startsWith(`${home}/`) ? file.slice(home.length + 1) : file
}
