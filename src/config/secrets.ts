/** What stands where a secret was. */
export const MASK = '***'

const SECRET_NAME = /pass(word|wd|phrase)?|secret|token|key|credential/i
const PASSWORD_IN_URL = /(\w:\/\/[^/\s:@]*:)[^/\s@]+@/g

/** A value as it may be shown: that of a key which sounds like a secret is masked, and so is a password in a URL. */
export function shown(key: string, text: string): string {
  if (text === '' || text === 'null') return text
  return SECRET_NAME.test(key) ? MASK : text.replaceAll(PASSWORD_IN_URL, `$1${MASK}@`)
}

const LONGEST_URL = 500

/** A URL as it may stand in a log: what sounds like a secret in its query is masked, and only what can be printed is left. */
export function shownUrl(url: string): string {
  const [, path = '', query = ''] = /^([^?]*)(.*)$/s.exec(url) ?? []
  const masked = query.replace(/([?&;])([^=&;]*)=([^&;]*)/g, (_, before: string, name: string, value: string) => {
    return `${before}${name}=${shown(name, value)}`
  })
  const printable = `${path}${masked}`.replace(
    /[^!-~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
  return printable.length > LONGEST_URL ? `${printable.slice(0, LONGEST_URL)}…` : printable
}
