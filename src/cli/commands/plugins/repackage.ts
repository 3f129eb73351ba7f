import { shown } from '../../../config/secrets.ts'
import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { pluginsDirectory } from '../../../host/releases/plugins-directory.ts'
import { repackage } from '../../../operations/make/repackage.ts'
import type { MovedValue } from '../../../plugin/rewrite/repackage.ts'
import { isKnownKey } from '../../../plugin/settings.ts'
import type { Result } from '../../output.ts'

interface RepackageOptions {
  readonly pluginsBaseDir?: string
}

export async function run([name]: readonly [string], options: RepackageOptions): Promise<Result> {
  const paths = pathsOf(runtimeHome())
  const plugins = pluginsDirectory(options.pluginsBaseDir, paths.plugins)
  const { written, moved } = await repackage({ name, plugins, directory: process.cwd() }, paths, process.env)
  const masked = moved.map((value): MovedValue => {
    const show = (text: string): string => shown(isKnownKey(value.section, value.key) ? '' : value.key, text)
    return { ...value, before: value.before === undefined ? undefined : show(value.before), after: show(value.after) }
  })
  const lines = masked.map(({ kind, section, key, before, after }) => {
    const from = before === undefined ? '' : `${oneLine(before)} → `
    return `${kind} [${section}] ${key}: ${from}${oneLine(after)}`
  })
  const { file, version, release, sha256, size } = written
  return {
    data: { name: written.name, version, release, file, sha256, size, moved: masked },
    text: [...lines, ...(lines.length === 0 ? ['Nothing is overridden.'] : []), `Written: ${file}`].join('\n'),
  }
}

function oneLine(text: string): string {
  return text === '' ? '(nothing)' : text.replaceAll('\n', ' ')
}
