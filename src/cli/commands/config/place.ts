import type { Config } from '../../../config/config.ts'
import { placeIn, placesOf } from '../../../config/edit/explain.ts'
import type { KeyPlace } from '../../../config/edit/set-key.ts'
import { didYouMean } from '../../../config/nearest.ts'
import { SETTINGS } from '../../../config/settings.ts'
import type { Paths } from '../../../host/home/paths.ts'
import { Problem, type Where } from '../../../problem.ts'

/** The key that a person names: `nginx.port`, or `port` where one section has it. Throws USAGE. */
export function namedPlace(name: string, config: Config): KeyPlace {
  const places = placesOf(name, config)
  const [first] = places
  if (first !== undefined && places.length === 1) return first
  if (places.length > 1) {
    const names = places.map(({ section, key }) => `${section}.${key}`).join(', ')
    throw new Problem('USAGE', `several sections have a key "${name}"`, `Write one of ${names}.`)
  }
  const all = [...config.texts].flatMap(([section, keys]) => [...keys.keys()].flatMap((key) => [key, `${section}.${key}`]))
  const fix = `${didYouMean(name, all)}List them all: mfserv config show`
  throw new Problem('USAGE', `there is no key "${name}"`, fix)
}

/** The same for a key that may not be there yet: one of a plugin, or a variant. */
export function placeToSet(name: string, config: Config): KeyPlace {
  const place = placeIn(name)
  if (place === undefined) return namedPlace(name, config)
  if (Object.hasOwn(SETTINGS, place.section)) namedPlace(`${place.section}.${place.key.replace(/\[[^[]*\]$/, '')}`, config)
  return place
}

/** `config/config.ini:14` in the runtime home, and other files as they are. */
export function placeText({ file, line }: Where, { runtimeHome }: Paths): string {
  const short = file.startsWith(`${runtimeHome}/`) ? file.slice(runtimeHome.length + 1) : file
  return line === undefined ? short : `${short}:${line}`
}
