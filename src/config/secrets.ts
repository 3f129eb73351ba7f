/** What stands where a secret was. */
export const MASK = '***'

const SECRET_NAME = /pass(word|wd|phrase)?|secret|token|key|credential/i
const PASSWORD_IN_URL = /(\w:\/\/[^/\s:@]*:)[^/\s@]+@/g

/** A value as it may be shown: that of a key which sounds like a secret is masked, and so is a password in a URL. */
export function shown(key: string, text: string): string {
  if (text === '' || text === 'null') return text
  return SECRET_NAME.test(key) ? MASK : text.replaceAll(PASSWORD_IN_URL, `$1${MASK}@`)
}
