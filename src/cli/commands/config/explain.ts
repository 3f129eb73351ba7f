import { explainKey } from '../../../config/edit/explain.ts'
import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { readHardware } from '../../../host/module/hardware.ts'
import { readConfig } from '../../../host/module/read-config.ts'
import type { Result } from '../../output.ts'
import { namedPlace } from './place.ts'
import { explainText, shownValue } from './text.ts'

export async function run([name]: readonly [string]): Promise<Result> {
  const paths = pathsOf(runtimeHome())
  const { source, config } = readConfig(paths, readHardware(), process.env)
  const explained = explainKey(namedPlace(name, config), source.layers, config, source.name)
  const { section, key, value, from, written, known, variable } = explained
  const data = {
    section,
    key,
    value: shownValue(explained, value),
    layer: from.layer,
    default: known?.fallback ?? null,
    does: known?.doc ?? null,
    expected: known?.expected ?? null,
    noEffect: known?.idle ?? null,
    takesEffect: known?.takesEffect ?? 'at once',
    variable,
    written: written.map(({ layer, where, text, variant, standing }) => ({
      layer,
      file: where.file,
      line: where.line ?? null,
      value: shownValue(explained, text),
      variant: variant ?? null,
      standing,
    })),
  }
  return { data, text: explainText(explained, paths) }
}
