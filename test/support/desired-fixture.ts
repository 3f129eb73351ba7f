import assert from 'node:assert/strict'
import type { ServerSettings } from '../../src/desired/desired.ts'
import { type Machine, moduleEnvironment } from '../../src/desired/environment.ts'
import type { InstalledPlugin } from '../../src/desired/installed.ts'
import type { DesireSettings } from '../../src/desired/settings.ts'
import { parsePlugin } from '../../src/plugin/parse.ts'
import type { Plugin } from '../../src/plugin/plugin.ts'

const GENERAL = 'version=1.0.0\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\n'

/** Plugins of a machine that has nothing unusual, for tests of what should run. */
export function plugin(name: string, sections: string, extraEnv = '', crontab = ''): Plugin {
  const home = `/plugins/${name}`
  const files = {
    label: { file: `${home}/.layerapi2_label`, text: `plugin_${name}@mfserv\n` },
    configIni: { file: `${home}/config.ini`, text: `[general]\n${GENERAL}\n${sections}` },
    dependencies: undefined,
    extraEnv: { file: `${home}/.layerapi2_extra_env`, text: extraEnv },
    crontab: { file: `${home}/crontab`, text: crontab },
  }
  const { plugin: parsed, problems } = parsePlugin(files, { home, present: () => true, text: () => '' }, {})
  assert.ok(parsed, problems.map((problem) => problem.message).join())
  return parsed
}

export function installed(name: string, sections: string, more: Partial<InstalledPlugin> = {}): InstalledPlugin {
  return { plugin: plugin(name, sections), fingerprint: 'one', directories: new Set(), python3Path: undefined, ...more }
}

export const WSGI = '[app_main]\ntype=python3_sync\nmain_arg=main.wsgi:application\nworkers=2\n'

export const machine: Machine = {
  mfservHome: '/opt/mfserv',
  version: '1.2.3',
  runtimeHome: '/rh',
  run: '/rh/var/run',
  log: '/rh/log',
  tmp: '/rh/tmp',
  user: 'mfserv',
  inherited: { HOME: '/home/mfserv', LANG: 'C.UTF-8' },
  hardware: { MFHARDWARE_NUMBER_OF_CPU_CORES: '2' },
  nodePath: '/opt/node/bin/node',
  python3Path: '/usr/bin/python3',
  pythonLibrary: '/rh/opt/python',
  pythonLibraries: '/rh/opt/{tag}',
  debugPin: (name) => `pin of ${name}`,
  debugKey: (name) => `key of ${name}`,
  hostname: 'box',
  hostnameFull: 'box.example.org',
}

export const settings: DesireSettings = {
  server: { timeoutSeconds: 60, healthLocation: '/__health' } as ServerSettings,
  front: true,
  nginxPaths: {} as DesireSettings['nginxPaths'],
  environment: {
    common: moduleEnvironment(machine, { MFSERV_NGINX_PORT: '18868' }),
    ofPlugin: (name) => ({ [`MFSERV_PLUGIN_${name.toUpperCase()}_KEY`]: name }),
  },
  startTimeoutMs: 60_000,
  sleepAfterMs: 600_000,
}
