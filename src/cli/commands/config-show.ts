import type { Command } from 'commander'
import type { Paths } from '../../host/home/paths.ts'
import type { Where } from '../../problem.ts'
import type { OutputOptions, Result } from '../output.ts'

interface ShowOptions extends OutputOptions {
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

export function register(config: Command): void {
  config
    .command('show')
    .description('Show every value of the configuration and where it comes from: of a plugin, or without a name of the module.')
    .argument('[NAME_OR_DIR]', 'the name of an installed plugin, or a directory written with a slash or a dot')
    .argument('[KEY...]', 'only these: a key, a section, or section.key')
    .option('--plugins-base-dir <directory>', 'look for the name in this directory')
    .action(async (wanted: string | undefined, keys: readonly string[], _options, command: Command) => {
      const { print } = await import('../output.ts')
      const { pathsOf, runtimeHome } = await import('../../host/home/paths.ts')
      const options = command.optsWithGlobals<ShowOptions>()
      print(await show(wanted, keys, options, pathsOf(runtimeHome())), options)
    })
}

async function show(wanted: string | undefined, keys: readonly string[], options: ShowOptions, paths: Paths): Promise<Result> {
  const { formatProblem, isError } = await import('../../problem.ts')
  const { reportProblem } = await import('../../control/report-problem.ts')
  const { settings, problems, home } =
    wanted === undefined ? await ofModule(paths) : await ofPlugin(wanted, options.pluginsBaseDir, paths)
  const chosen = await choose(settings, keys)
  const { columns } = await import('../table.ts')
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

async function ofModule(paths: Paths) {
  const { SETTINGS } = await import('../../config/settings.ts')
  const { shown } = await import('../../config/secrets.ts')
  const { readHardware } = await import('../../host/module/hardware.ts')
  const { readConfig } = await import('../../host/module/read-config.ts')
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

async function ofPlugin(wanted: string, base: string | undefined, paths: Paths) {
  const { shown } = await import('../../config/secrets.ts')
  const { findPluginSettings } = await import('../../host/plugins/plugin-settings.ts')
  const { isKnownKey } = await import('../../plugin/settings.ts')
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
async function choose(settings: readonly ShownSetting[], wanted: readonly string[]): Promise<readonly ShownSetting[]> {
  if (wanted.length === 0) return settings
  const namesOf = ({ section, key }: ShownSetting): readonly string[] => [key, section, `${section}.${key}`]
  const known = new Set(settings.flatMap(namesOf))
  const strange = wanted.filter((name) => !known.has(name))
  if (strange.length > 0) {
    const { didYouMean } = await import('../../config/nearest.ts')
    const { Problem, Problems } = await import('../../problem.ts')
    throw new Problems(
      strange.map((name) => {
        const mend = `${didYouMean(name, known)}Give the name of a key, of a section, or section.key.`
        return new Problem('USAGE', `there is no key and no section "${name}"`, mend)
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
