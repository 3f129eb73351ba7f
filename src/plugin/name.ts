import { Problem, type Where } from '../problem.ts'

/** Sockets, logs and URLs carry the name, and a socket's path has at most 107 bytes. */
const LONGEST = 64
/** Words of mfserv, and what it calls its own directories beside those with the names of plugins, in `tmp` and in `var/cron`. */
const RESERVED: readonly string[] = [
  ...['base', 'config'],
  ...['config_auto', 'compile-cache', 'start'],
  // URLs that mfserv answers itself.
  ...['status', 'uuid'],
]

/** Why a plugin cannot have this name, or undefined when it can. */
export function validateName(name: string, where?: Where): Problem | undefined {
  const refused = (why: string, fix: string) => new Problem('PLUGIN_NAME', `the plugin name "${name}" ${why}`, fix, where)
  if (!/^[A-Za-z0-9_-]+$/.test(name)) {
    return refused(
      name === '' ? 'is empty' : 'has other characters than letters, digits, _ and -',
      'Use letters, digits, _ and - only.',
    )
  }
  if (name.startsWith('-')) return refused('starts with -, as an option does', 'Start it with a letter.')
  if (name.startsWith('plugin_')) return refused('starts with plugin_', 'Leave the plugin_ out.')
  if (name.startsWith('__')) return refused('starts with __', 'Start it with a letter.')
  if (RESERVED.includes(name)) return refused('is used by mfserv itself', 'Choose another one.')
  if (name.length > LONGEST) return refused(`has ${name.length} characters`, `Use at most ${LONGEST}.`)
  return undefined
}
