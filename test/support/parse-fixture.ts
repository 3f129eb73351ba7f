import { parsePlugin } from '../../src/plugin/parse.ts'
import { formatProblem } from '../../src/problem.ts'

export const HOME = '/plugins/blog'
export const GENERAL = `[general]
version = 1.0
summary = A blog
license = MIT
url = http://blog
maintainer = A B <a@b>
vendor = C
`

export const LATER_GENERAL = GENERAL.replaceAll(/^(?=\w)/gm, '_')
export const VARIABLES = { MFCONFIG: 'DEV', MFCOM_HARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2: '8' }
const FILES = ['main/wsgi.py', 'api/server.js', 'www', 'pkg/web/__init__.py']

export function parse(configIni: string, texts: Readonly<Record<string, string>> = {}) {
  return parsePlugin(
    {
      label: { file: '.layerapi2_label', text: 'plugin_blog@mfserv\n' },
      configIni: { file: 'config.ini', text: configIni },
      dependencies: { file: '.layerapi2_dependencies', text: '# ours\npython3@mfserv\n\n-python3_ia@mfext\n' },
      extraEnv: { file: '.layerapi2_extra_env', text: '# no\nREDIS={HOME}/redis.socket\n' },
      crontab: undefined,
    },
    treeOf(texts),
    VARIABLES,
  )
}

export function treeOf(texts: Readonly<Record<string, string>> = {}) {
  return { home: HOME, present: (path: string) => FILES.includes(path), text: (path: string) => texts[path] }
}

export function text(problems: readonly Parameters<typeof formatProblem>[0][]): string {
  return problems.map(formatProblem).join('\n')
}
