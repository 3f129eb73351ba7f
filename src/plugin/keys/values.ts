import { flag, list, type Read, shaped, wholeOrNone } from '../../config/value.ts'

export const SECONDS = 86_400
export const AGE = 365 * SECONDS
export const MOST_WORKERS = 1000

export const seconds = wholeOrNone(SECONDS)
export const age = wholeOrNone(AGE)
export const version = shaped(/^[A-Za-z0-9._+~-]+$/, 'letters, digits and . _ - + ~ only, such as 1.0.2')
export const file = shaped(
  /^(?!\/)(?!.*(^|\/)\.\.(\/|$))[^\s"'\\{}$;][^"'\\{}$;]*$/,
  'the path of a file in the plugin, relative to its directory, or null',
)
export const directory = shaped(/^(?!.*(^|\/)\.\.(\/|$))[\w./-]+$/, 'a directory in that of the app, such as /static')
export const urlPath = shaped(/^(\/[^/\s"'\\{}$;]+)+$/, 'a path that starts with / and does not end with /, such as /static')
export const routes = list(
  ';',
  /^(\/|(\/[^/\s"'\\{}$;]+)+)$/,
  'paths separated by ;, each starting with / and not ending with /, such as /a;/b/c, or null',
)
/** A `*` only where nginx takes one, and no longer than it takes. */
export const hosts = list(
  ',',
  /^(?=.{1,200}$)(\*\.[\w-]+(\.[\w-]+)*|[\w-]+(\.[\w-]+)*(\.\*)?)$/,
  'host names separated by commas, such as www.example.com; *.example.com stands for all names below one, www.example.* for all endings',
)

/** Undefined is no limit. */
export const limit: Read<number | undefined> = (written) => {
  const read = wholeOrNone(Number.MAX_SAFE_INTEGER)(written)
  return 'value' in read && read.value === 0 ? { value: undefined } : read
}
/** 0 is a limit too: no core file at all. */
export const coreLimit: Read<number | undefined> = (written) => (written === '0' ? { value: 0 } : limit(written))

/** Undefined is AUTO: as the module says. */
export const flagOrAuto: Read<boolean | undefined> = (written) => {
  if (written === 'AUTO') return { value: undefined }
  const read = flag(written)
  return 'value' in read ? read : { expected: '1, 0 or AUTO' }
}
