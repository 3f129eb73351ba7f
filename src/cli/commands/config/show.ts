import { didYouMean } from '../../../config/nearest.ts'
import { shown } from '../../../config/secrets.ts'
import { SETTINGS } from '../../../config/settings.ts'
import { reportProblem } from '../../../control/report-problem.ts'
import { type Paths, pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { readHardware } from '../../../host/module/hardware.ts'
import { readConfig } from '../../../host/module/read-config.ts'
import { findPluginSettings } from '../../../host/plugins/plugin-settings.ts'
import { isKnownKey } from '../../../plugin/settings.ts'
import { formatProblem, isError, Problem, Problems, type Where } from '../../../problem.ts'
import type { Result } from '../../output.ts'
import { columns } from '../../table.ts'

interface ShowOptions {
  readonly pluginsBaseDir?: string
}

/** A value as it is shown: a secret is masked already. */
interface ShownSetting {
  readonly section: string
  readonly key: string
  readonly value: string
  readonly layer: string
  readonly where: Where | undefined
}

export async function run(
  [wanted, keys]: readonly [string | undefined, readonly string[]],
  { pluginsBaseDir }: ShowOptions,
): Promise<Result> {
  return show(wanted, keys, pluginsBaseDir, pathsOf(runtimeHome()))
}

function show(wanted: string | undefined, keys: readonly string[], base: string | undefined, paths: Paths): Result {
  const { settings, problems, home } = wanted === undefined ? ofModule(paths) : ofPlugin(wanted, base, paths)
  const chosen = choose(settings, keys)
  const rows = chosen.map((setting) => [
    `[${setting.section}]`,
    `${setting.key} =`,
    setting.value.replaceAll('\n', ' '),
    placeOf(setting, home, paths),
  ])
  const data = {
    settings: chosen.map(({ section, key, value, layer, where }) => ({
      section,
      key,
      value,
      layer,
      file: where?.file ?? null,
      line: where?.line ?? null,
    })),
    problems: problems.map(reportProblem),
  }
  const text = [...columns(rows), ...problems.map((problem) => `\n${formatProblem(problem)}`)].join('\n')
  return { data, text, exitCode: problems.some(isError) ? 1 : 0 }
}

function ofModule(paths: Paths) {
  const { config, problems } = readConfig(paths, readHardware(), process.env)
  const isKnown = (section: string, key: string): boolean =>
    Object.entries(SETTINGS).some(([name, keys]) => name === section && Object.hasOwn(keys, key))
  const settings = [...config.texts].flatMap(([section, keys]) =>
    [...keys].map(([key, { text, from }]): ShownSetting => {
      const value = shown(isKnown(section, key) ? '' : key, text)
      return { section, key, value, ...originOf(from) }
    }),
  )
  return { settings, problems, home: paths.runtimeHome }
}

function ofPlugin(wanted: string, base: string | undefined, paths: Paths) {
  const { settings, problems, home } = findPluginSettings(wanted, base, paths, process.env)
  return {
    settings: settings.map(({ section, key, text, from }): ShownSetting => {
      // What mfserv itself gives a meaning to is no secret, whatever it is called.
      const value = shown(isKnownKey(section, key) ? '' : key, text)
      return { section, key, value, ...originOf(from) }
    }),
    problems,
    home,
  }
}

type From = { readonly layer: 'built-in' | 'default' } | { readonly layer: 'plugin' | 'user' | 'site'; readonly where: Where }

function originOf(from: From): Pick<ShownSetting, 'layer' | 'where'> {
  return 'where' in from ? { layer: from.layer, where: from.where } : { layer: 'default', where: undefined }
}

/** Those that were asked for. Throws USAGE for a name that is neither a key nor a section. */
function choose(settings: readonly ShownSetting[], wanted: readonly string[]): readonly ShownSetting[] {
  if (wanted.length === 0) return settings
  const namesOf = ({ section, key }: ShownSetting): readonly string[] => [key, section, `${section}.${key}`]
  const known = new Set(settings.flatMap(namesOf))
  const strange = wanted.filter((name) => !known.has(name))
  if (strange.length > 0) {
    throw new Problems(
      strange.map((name) => {
        const fix = `${didYouMean(name, known)}Give the name of a key, of a section, or section.key.`
        return new Problem('USAGE', `there is no key and no section "${name}"`, fix)
      }),
    )
  }
  return settings.filter((setting) => namesOf(setting).some((name) => wanted.includes(name)))
}

/** `config.ini:14` in the plugin, `config/plugins/blog.ini:3` in the runtime home, `/etc/…` as it is, or `default`. */
function placeOf({ where }: ShownSetting, home: string, { runtimeHome }: Paths): string {
  if (where === undefined) return 'default'
  const base = [home, runtimeHome].find((directory) => where.file.startsWith(`${directory}/`))
  const file = base === undefined ? where.file : where.file.slice(base.length + 1)
  return `${file}:${where.line ?? 1}`
}
