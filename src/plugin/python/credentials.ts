/** `https://user:password@host` and `https://token@host`. What stands as `${NAME}` is in the environment, and nobody reads it here. */
const IN_ADDRESS = /(\b[a-z][a-z0-9+.-]*:\/\/)([^/\s@"'<>]+)@/gi

/** The text without what would let a reader in somewhere. */
export function withoutCredentials(text: string): string {
  return text.replace(IN_ADDRESS, (whole, scheme: string, user: string) => (isSecret(scheme, user) ? `${scheme}***@` : whole))
}

/** The first line that has a password or a token in an address; undefined when there is none. */
export function credentialsIn(text: string): number | undefined {
  const lines = text.split('\n')
  const index = lines.findIndex((line) => withoutCredentials(line) !== line)
  return index < 0 ? undefined : index + 1
}

/** `git@host` of ssh names an account that everybody knows; elsewhere a word alone is a token. */
function isSecret(scheme: string, user: string): boolean {
  const [name = '', ...rest] = user.split(':')
  if (rest.length === 0 && /ssh:\/\/$/i.test(scheme)) return false
  return !HARMLESS.test(rest.length === 0 ? name : rest.join(':'))
}

/** Nothing, a variable, or what hides a secret already. */
const HARMLESS = /^(?:\$\{[A-Z0-9_]+\}|\*+)?$/
