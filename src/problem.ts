/** `error`: refused until fixed. `warning`: works, and says what to change. */
type Level = 'error' | 'warning'

/**
 * Every error a person can meet, one line each. `docs/reference/problems.md` documents exactly these (a test holds the
 * two together). A fault of ours is a plain `Error` and keeps its stack; `FAULT` is only what programs read of it.
 */
export const PROBLEMS = {
  INI_SYNTAX: { level: 'error', text: 'A line of an INI file is neither a section, a key, a comment nor empty.' },
  INI_DUPLICATE: { level: 'error', text: 'A key or a section is there twice in one INI file.' },
  INI_UNKNOWN_SECTION: { level: 'error', text: 'config.ini has a section this version does not know.' },
  INI_UNKNOWN_KEY: { level: 'error', text: 'config.ini has a key this version does not know.' },
  INI_IGNORED_KEY: {
    level: 'warning',
    text: 'A key of an INI file has no effect: this version does not know it, or does nothing with it.',
  },
  INI_IGNORED_SECTION: { level: 'warning', text: 'An INI file has a section that has no effect.' },
  INI_BAD_VALUE: { level: 'error', text: 'A value is outside what its key allows.' },
  INI_MISSING_KEY: { level: 'error', text: 'A required key is absent or empty.' },
  INI_EMPTY_VALUE: { level: 'warning', text: 'A key that says what a plugin is has no value.' },
  INI_DEPRECATED_KEY: { level: 'warning', text: 'A key still works under its old name.' },
  OLD_NAME: { level: 'warning', text: 'A name of the first plugins of MFSERV is used; it works.' },
  INI_DEPRECATED_TYPE: { level: 'warning', text: 'An app has a type that works but will go away.' },
  TOO_LARGE: { level: 'error', text: 'A file of a plugin is larger than what mfserv reads.' },
  NOT_UTF8: { level: 'error', text: 'A file that has to be text is not UTF-8.' },
  INI_UNKNOWN_VARIABLE: { level: 'warning', text: 'A value names a {{VARIABLE}} that does not exist; it reads as empty.' },
  OVERRIDE_PRIVATE: { level: 'error', text: 'An override file has a key that only the plugin itself may set.' },
  OVERRIDE_UNKNOWN: { level: 'error', text: 'An override file has a section or a key that the plugin does not have.' },
  OVERRIDE_KEPT: { level: 'warning', text: 'An override file that a person has changed stays; the new template lies beside it.' },
  PLUGIN_NAME: { level: 'error', text: 'A plugin name is not allowed.' },
  PLUGIN_LABEL: { level: 'error', text: 'The .layerapi2_label file is missing or is not plugin_<name>@mfserv.' },
  PLUGIN_FILE_MISSING: { level: 'error', text: 'A file that the plugin names does not exist.' },
  NOT_SERVED: { level: 'warning', text: 'An app is not served at its URL.' },
  PLUGIN_NOT_FOUND: { level: 'error', text: 'No plugin of that name is installed.' },
  PLUGIN_EXISTS: { level: 'error', text: 'A plugin of that name is there already.' },
  PLUGIN_STOPPED: { level: 'error', text: 'A plugin was stopped by plugins.stop, and what is asked of it needs it to run.' },
  LAYER_MISSING: { level: 'error', text: 'A plugin depends on another one that is not there.' },
  LAYER_LABEL: { level: 'warning', text: 'A line of .layerapi2_dependencies looks like a plugin and names none.' },
  LAYER_CYCLE: { level: 'error', text: 'Plugins depend on each other.' },
  ADOPT_NOTHING: { level: 'error', text: 'A directory that is to be adopted has no application that mfserv knows.' },
  ADOPT_CHOICE: {
    level: 'error',
    text: 'A directory that is to be adopted can be served in more than one way, or not in the one that was asked for.',
  },
  ADOPT_REFUSED: { level: 'error', text: 'A directory cannot be adopted, because of a file in it.' },
  PLUGIN_DIRECTORY: { level: 'error', text: 'A directory is not a plugin.' },
  CRONTAB_LINE: { level: 'error', text: 'A line of a crontab is neither a job nor a NAME=value line nor a comment.' },
  CRONTAB_DUPLICATE: { level: 'warning', text: 'The same job is there twice in a crontab; it runs once.' },
  CRONTAB_LITERAL: { level: 'warning', text: 'A value in a crontab holds a $NAME, which nothing replaces there.' },
  CRON_JOB_NOT_FOUND: { level: 'error', text: 'A plugin has no such cron job.' },
  SOCKET_PATH_TOO_LONG: { level: 'error', text: 'A socket path would be longer than the 107 bytes the system allows.' },
  ROUTE_CONFLICT: { level: 'error', text: 'Two apps claim the same URL prefix or host name.' },
  NGINX_UNSAFE_VALUE: { level: 'error', text: 'A value cannot be written into nginx.conf safely.' },
  NGINX_UNKNOWN_VARIABLE: {
    level: 'warning',
    text: 'A {{NAME}} in an nginx fragment names no variable; it stays as it is.',
  },
  ERROR_PAGE: { level: 'warning', text: 'The page that error_page names cannot be used; that of mfserv is shown.' },
  NGINX_REFUSED: { level: 'error', text: 'nginx refused a configuration.' },
  NGINX_MISSING: { level: 'error', text: 'The nginx program was not found.' },
  NGINX_DOWN: { level: 'error', text: 'nginx did not start, or stopped.' },
  ACME_FAILED: { level: 'warning', text: 'A certificate authority gave no certificate; it is tried again.' },
  CERTIFICATE: { level: 'error', text: 'The files of a certificate cannot be used.' },
  CERTIFICATE_NAME: { level: 'warning', text: 'Two certificates are for the same host name.' },
  CERTIFICATE_ENDS: { level: 'warning', text: 'A certificate ends within 14 days, or has ended.' },
  ADDRESS_UNKNOWN: { level: 'error', text: 'nginx is to listen on an address that this machine does not have.' },
  PORT_RIGHT: { level: 'error', text: 'nginx may not listen on a port below 1024 here.' },
  PORT_IN_USE: { level: 'error', text: 'Another process listens on the configured port.' },
  WORKER_FAILED: { level: 'error', text: 'A worker did not start, or stopped by itself.' },
  RELEASE_FAILED: { level: 'error', text: 'A release was tried and not taken; what served before goes on.' },
  RELEASE_NOT_FOUND: { level: 'error', text: 'A plugin has no such release.' },
  BUILD_FAILED: { level: 'error', text: 'The environment of a plugin could not be built.' },
  NODE_LOCK: { level: 'warning', text: 'A lock file of Node packages is not read, or does not fit what it stands beside.' },
  NODE_VERSION: { level: 'warning', text: 'An application asks for a Node that is not here, or for one that nobody knows.' },
  POSTINSTALL_FAILED: { level: 'error', text: 'The postinstall script of a plugin failed.' },
  RELEASE_DAMAGED: { level: 'error', text: 'A file is not a release of a plugin, or not whole.' },
  RELEASE_UNSAFE: { level: 'error', text: 'Something in a release could reach out of its directory, or harm the machine.' },
  RELEASE_NEEDS: { level: 'error', text: 'A release needs another interpreter or platform than there is here.' },
  RELEASE_SIGNATURE: { level: 'error', text: 'The signature of a release is wrong, or one that is required is missing.' },
  RELEASE_INCOMPLETE: { level: 'error', text: 'A release does not bring everything that its plugin needs without a network.' },
  BACKUP_REFUSED: { level: 'error', text: 'A backup is damaged, not safe, or of a newer mfserv; it was not restored.' },
  KEY: { level: 'error', text: 'A key for signatures is not there, not readable, or there already.' },
  SANDBOX_MISSING: { level: 'warning', text: 'A plugin runs without the sandbox that is wanted: this system cannot give it.' },
  SANDBOX_REQUIRED: {
    level: 'error',
    text: 'A plugin does not run, because it may not without its sandbox, which this system cannot give it.',
  },
  TOOL_MISSING: { level: 'error', text: 'A program that is needed here was not found.' },
  DISK_QUOTA: { level: 'warning', text: 'A plugin has more on the disk than it may.' },
  DISK: { level: 'error', text: 'A file or directory could not be read or written.' },
  DAEMON_DOWN: { level: 'error', text: 'The mfserv daemon does not run, or does not answer.' },
  SERVICE: { level: 'error', text: 'mfserv could not be made, started or removed as a service of the machine.' },
  STATE_NEWER: { level: 'error', text: 'A newer mfserv has written the runtime home.' },
  DAEMON_RUNS: { level: 'error', text: 'Another mfserv daemon serves the same runtime home.' },
  BUSY: { level: 'error', text: 'Another command holds the lock.' },
  USAGE: { level: 'error', text: 'A command was called with the wrong words.' },
  ENVIRONMENT: { level: 'error', text: 'The environment or the machine is not what mfserv needs.' },
  FAULT: { level: 'error', text: 'mfserv itself has a fault.' },
} as const satisfies Record<string, { readonly level: Level; readonly text: string }>

export type ProblemCode = keyof typeof PROBLEMS

export function isProblemCode(text: string): text is ProblemCode {
  return Object.hasOwn(PROBLEMS, text)
}

/** What keeps a whole plugin from being served as it is on disk. */
export const KEEPS_A_PLUGIN_OUT: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'NGINX_REFUSED',
  'NGINX_UNSAFE_VALUE',
  'NGINX_MISSING',
  'SOCKET_PATH_TOO_LONG',
  'TOOL_MISSING',
  'SANDBOX_REQUIRED',
  'LAYER_MISSING',
  'LAYER_CYCLE',
])

export interface Where {
  readonly file: string
  readonly line?: number
}

/** Something a person can put right: what is wrong, where, and the fix. Pure code returns it; `host/` and `cli/` may throw it. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly fix: string
  readonly where: Where | undefined

  constructor(code: ProblemCode, message: string, fix: string, where?: Where, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.fix = fix
    this.where = where
  }
}

/** Several problems at once, for the callers that have nothing to return. Never empty. */
export class Problems extends Error {
  override readonly name = 'Problems'
  readonly all: readonly Problem[]

  constructor(all: readonly Problem[]) {
    super(all.map((problem) => problem.message).join('\n'))
    this.all = all
  }
}

export function isError(problem: Problem): boolean {
  return PROBLEMS[problem.code].level === 'error'
}

/** The same of the code alone, as a report has it. */
export function isWarning(code: string): boolean {
  return Object.entries<{ readonly level: Level }>(PROBLEMS).some(([name, { level }]) => name === code && level === 'warning')
}

/** `config.ini:14  workers is "many"  (INI_BAD_VALUE)` and the fix, indented, on the next line. */
export function formatProblem(problem: Problem): string {
  const { where } = problem
  const place = where === undefined ? '' : `${where.file}${where.line === undefined ? '' : `:${where.line}`}  `
  const indent = '  '
  return `${place}${problem.message}  (${problem.code})\n${indent}${problem.fix.replaceAll('\n', `\n${indent}`)}`
}

/** Anything that was thrown, for the log: a problem with its fix, a fault of ours with its stack. */
export function faultText(error: unknown): string {
  if (error instanceof Problem) return formatProblem(error)
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
