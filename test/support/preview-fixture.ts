import assert from 'node:assert/strict'
import { desire } from '../../src/desired/desire.ts'
import type { ServerSettings } from '../../src/desired/desired.ts'
import type { InstalledPlugin } from '../../src/desired/installed.ts'
import type { DesireSettings } from '../../src/desired/settings.ts'
import { type PreviewInput, preview } from '../../src/plan/preview.ts'
import { parsePlugin } from '../../src/plugin/parse.ts'
import { pluginSettings } from '../../src/plugin/settings.ts'
import { machine } from './desired-fixture.ts'

export const WSGI = '[app_main]\ntype=python3_sync\nmain_arg=main.wsgi:application\nworkers=2\n'
export const DAEMON = '[extra_daemon_clock]\ncmd_and_args=clock\n'
export type Told = string | { readonly app: string; readonly needs: string }
/** Lists: before and after. */
export type More = Partial<PreviewInput> & {
  readonly crontabs?: readonly string[]
  readonly extraEnvs?: readonly string[]
  readonly nodePaths?: readonly (string | undefined)[]
  readonly phpFpm?: { readonly path: string; readonly env: Readonly<Record<string, string>> }
  readonly front?: boolean
}

/** `home`: where the plugin blog lies afterwards. */
export function compare(
  before: Readonly<Record<string, Told>>,
  after: Readonly<Record<string, Told>>,
  home = '/plugins/.releases/blog/2',
  more: More = {},
) {
  const { crontabs, extraEnvs, nodePaths, phpFpm, front = true, ...rest } = more
  const state = (told: Readonly<Record<string, Told>>, place: string, index: number) =>
    desire(
      Object.entries(told).map(([name, one]) => ({
        ...installed(name, one, name === 'blog' ? place : `/plugins/${name}`, crontabs?.[index], extraEnvs?.[index]),
        nodePath: nodePaths?.[index],
      })),
      { ...settings, front },
      { ...machine, phpFpm },
      (text) => text,
    )
  const settingsOf = ({ blog = '' }: Readonly<Record<string, Told>>) =>
    pluginSettings({ file: 'config.ini', text: typeof blog === 'string' ? blog : blog.app }, [], {})
  return preview({
    plugin: 'blog',
    before: state(before, '/plugins/blog', 0),
    after: state(after, home, 1),
    settings: { before: settingsOf(before), after: settingsOf(after) },
    measured: new Map(),
    freeMemory: undefined,
    problems: [],
    ...rest,
  })
}

function installed(name: string, told: Told, home: string, crontab = '', extraEnv = ''): InstalledPlugin {
  const { app, needs } = typeof told === 'string' ? { app: told, needs: '' } : told
  const general = '[general]\nversion=1.0.0\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\n'
  const source = (text: string) => ({ file: `${home}/file`, text })
  const { plugin, problems } = parsePlugin(
    {
      label: source(`plugin_${name}@mfserv\n`),
      configIni: source(`${general}${app}`),
      dependencies: source(needs),
      extraEnv: source(extraEnv),
      crontab: source(crontab),
    },
    { home, present: () => true, text: () => '' },
    {},
  )
  assert.ok(plugin, problems.map(({ message }) => message).join())
  return { plugin, fingerprint: '', directories: new Set(), python3Path: undefined }
}

const settings: DesireSettings = {
  server: { timeoutSeconds: 60, healthLocation: '/__health' } as ServerSettings,
  front: true,
  nginxPaths: {} as DesireSettings['nginxPaths'],
  environment: { common: {}, ofPlugin: () => ({}) },
  startTimeoutMs: 60_000,
  sleepAfterMs: 600_000,
}
