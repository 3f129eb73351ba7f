import type { Where } from '../../problem.ts'
import { type Config, type LayerName, type LayerText, type Origin, variableName } from '../config.ts'
import { type IniEntry, MODULE_INI, parseIni } from '../ini.ts'
import { SETTINGS } from '../settings.ts'
import type { Key, TakesEffect } from '../value.ts'
import { chooseVariants, splitVariant } from '../variants.ts'
import type { KeyPlace } from './set-key.ts'

/** What one line of a file says of a key, and what becomes of it. */
export interface WrittenValue {
  readonly layer: LayerName
  readonly where: Where
  readonly text: string
  /** `DEV` of `port[DEV]`. */
  readonly variant: string | undefined
  /** `covered`: a later file says something else. `other machine`: its variant is not for this one. `not readable`: it is no value of the key. */
  readonly standing: 'counts' | 'covered' | 'other machine' | 'not readable'
}

export interface Explained extends KeyPlace {
  readonly value: string
  readonly from: Origin
  /** The strongest last. */
  readonly written: readonly WrittenValue[]
  /** Undefined for a key that mfserv gives no meaning to. */
  readonly known: Known | undefined
  /** What processes find the value in. */
  readonly variable: string
}

export interface Known {
  readonly doc: string
  readonly fallback: string
  /** What a value looks like; undefined when any text is one. */
  readonly expected: string | undefined
  readonly idle: string | undefined
  readonly takesEffect: TakesEffect | 'at once'
}

/** All that is known of a key: what it does, what every file says of it, and which of that counts. */
export function explainKey(place: KeyPlace, layers: readonly LayerText[], config: Config, configuration: string): Explained {
  const { section, key } = place
  const setting = config.texts.get(section)?.get(key)
  const from = setting?.from ?? { layer: 'built-in' }
  const written = layers.flatMap((layer) => inLayer(layer, place, from, configuration))
  const known = knownKey(section, key)
  const variable = variableName('MFSERV', section, key)
  return { section, key, value: setting?.text ?? '', from, written, known: known && describe(known), variable }
}

/** The places that a name stands for: `nginx.port`, or `port` where one section has it. */
export function placesOf(name: string, config: Config): readonly KeyPlace[] {
  const all = [...config.texts].flatMap(([section, keys]) => [...keys.keys()].map((key) => ({ section, key })))
  const wanted = name.trim()
  return all.filter(({ section, key }) => `${section}.${key}` === wanted || key === wanted)
}

/** `nginx.port[DEV]` taken apart; undefined without a section. */
export function placeIn(name: string): KeyPlace | undefined {
  const { key: plain, variant } = splitVariant(name.trim())
  const dot = plain.indexOf('.')
  if (dot <= 0 || dot === plain.length - 1) return undefined
  const key = plain.slice(dot + 1).toLowerCase()
  return { section: plain.slice(0, dot), key: variant === undefined ? key : `${key}[${variant.toLowerCase()}]` }
}

export function knownKey(section: string, key: string): Key<unknown> | undefined {
  const keys = Object.entries<Readonly<Record<string, Key<unknown>>>>(SETTINGS).find(([name]) => name === section)?.[1]
  return keys !== undefined && Object.hasOwn(keys, key) ? keys[key] : undefined
}

function inLayer(
  { layer, file, text }: LayerText,
  place: KeyPlace,
  from: Origin,
  configuration: string,
): readonly WrittenValue[] {
  const section = parseIni(text, file, MODULE_INI).sections.find(({ name }) => name === place.section)
  const entries = section?.entries.filter((entry) => splitVariant(entry.key).key === place.key) ?? []
  const [chosen] = chooseVariants(entries, configuration)
  return entries.map((entry) => {
    const { variant } = splitVariant(entry.key)
    return { layer, where: entry.where, text: entry.text, variant, standing: standingOf(entry, chosen, place, from) }
  })
}

function standingOf(entry: IniEntry, chosen: IniEntry | undefined, place: KeyPlace, from: Origin): WrittenValue['standing'] {
  const isAt = (where: Where): boolean => where.file === entry.where.file && where.line === entry.where.line
  if (chosen === undefined || !isAt(chosen.where)) return 'other machine'
  if ('where' in from && isAt(from.where)) return 'counts'
  const read = knownKey(place.section, place.key)?.read(entry.text)
  return read !== undefined && 'expected' in read && !entry.text.includes('{{') ? 'not readable' : 'covered'
}

/** Of no value of any key. */
const NO_VALUE = '\u0000?'

function describe({ doc, fallback, read, idle, takesEffect }: Key<unknown>): Known {
  const refused = read(NO_VALUE)
  return {
    doc,
    fallback,
    expected: 'expected' in refused ? refused.expected : undefined,
    idle: idle?.because,
    takesEffect: takesEffect ?? 'at once',
  }
}
