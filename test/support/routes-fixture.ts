import type { AppRoutes, PluginRoutes, Routes, ServerSettings } from '../../src/desired/desired.ts'
import type { NginxMachine } from '../../src/nginx/machine.ts'

/** Routes with everything at its default, for tests: a case tells only what it is about. */
export interface RoutesCase {
  readonly server?: ServerCase
  readonly plugins?: readonly (Partial<Omit<PluginRoutes, 'apps'>> & {
    readonly plugin: string
    readonly apps?: readonly AppCase[]
  })[]
}

export type ServerCase = Partial<Omit<ServerSettings, 'tls'>> & { readonly tls?: Partial<ServerSettings['tls']> }

export type AppCase = Partial<AppRoutes> & { readonly app: string }

/** `home` holds every file that nginx touches. */
export function routesOf({ server, plugins }: RoutesCase, home: string): Routes {
  return {
    server: { ...SERVER, ...server, tls: { ...SERVER.tls, ...server?.tls } },
    paths: {
      pidFile: `${home}/nginx.pid`,
      accessLog: `${home}/nginx_access.log`,
      errorLog: `${home}/nginx_error.log`,
      tempDirectory: `${home}/temp`,
      mimeTypes: `${home}/mime.types`,
      healthDirectory: `${home}/health`,
      welcomeDirectory: `${home}/welcome`,
      asideDirectory: `${home}/aside`,
      stoppedDirectory: `${home}/stopped`,
      maintenanceDirectory: `${home}/maintenance`,
      pauseSocket: `${home}/paused.sock`,
      developerSocket: `${home}/developer.sock`,
      challengeDirectory: `${home}/challenges`,
      uuid: '0123456789abcdef0123456789abcdef',
      user: undefined,
    },
    plugins: (plugins ?? []).map(({ plugin, apps, httpFragment, serverFragment, errorPage }) => ({
      plugin,
      httpFragment,
      serverFragment,
      errorPage,
      apps: (apps ?? []).map((app) => appOf(plugin, app, home)),
    })),
  }
}

export const MACHINE: NginxMachine = {
  modules: new Set(['http_gzip_static_module', 'http_stub_status_module', 'http_ssl_module']),
  openFiles: 20_000,
}

function appOf(plugin: string, app: AppCase, home: string): AppRoutes {
  const sockets = app.kind === 'files' ? [] : [`${home}/${plugin}_${app.app}_1.sock`]
  return {
    kind: 'proxy',
    prefixes: [`/${plugin}/${app.app}`],
    hosts: [],
    directory: `${home}/plugins/${plugin}/${app.app}`,
    static: undefined,
    sockets,
    holdSocket: `${home}/${plugin}_${app.app}_hold.sock`,
    keepAlive: true,
    timeoutSeconds: 62,
    appFragment: undefined,
    staticFragment: undefined,
    ...app,
  }
}

const SERVER: ServerSettings = {
  port: 18868,
  httpsPort: 0,
  listen: [],
  tls: {
    certificates: [],
    ciphers: 'HIGH:!aNULL:!MD5',
    protocols: 'TLSv1.2 TLSv1.3',
    http2: true,
    http3: false,
    hstsSeconds: 0,
    redirect: false,
    challenges: false,
  },
  workers: 2,
  timeoutSeconds: 60,
  uploadMaxBodySizeMb: 100,
  accessLog: true,
  debugLog: false,
  addRequestIdHeader: true,
  acceptIncomingRequestIdHeader: false,
  trace: false,
  addXForwardedHeaders: true,
  healthLocation: '/__health',
  healthAccessLog: false,
  ignoreClientAbort: true,
  serverTokens: true,
  portInRedirect: true,
  realIp: undefined,
  uuidExtraAllows: [],
  pluginListExtraAllows: [],
  welcome: true,
  debugAllow: [],
}

/** A golden case: lines of comment, the routes as JSON, a line of dashes, then what comes out. */
export interface GoldenCase {
  readonly input: string
  readonly routes: RoutesCase
  /** `all` of nginx.conf, or only what stands there because of `plugins`. */
  readonly show: 'all' | 'plugins'
  readonly expected: string
}

export function parseCase(text: string): GoldenCase {
  const [input = '', expected = ''] = text.split(/^-{10}\n/m)
  const { show, ...routes } = JSON.parse(input.replace(/^#.*$/gm, '')) as RoutesCase & { readonly show?: 'all' }
  return { input, routes, show: show ?? 'plugins', expected }
}
