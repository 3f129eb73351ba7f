/** A service of systemd that runs the daemon of one runtime home. */
export interface UnitInput {
  readonly version: string
  /** Of whom: of the machine, run as `user`, or of one user, who runs it. */
  readonly scope: { readonly is: 'system'; readonly user: string } | { readonly is: 'user' }
  /** The name of the unit, with its ending. */
  readonly name: string
  /** bin/mfserv, absolute. */
  readonly program: string
  readonly runtimeHome: string
  /** More of the environment of the daemon. */
  readonly environment: Readonly<Record<string, string>>
  /** Whether a port below 1024 is configured, which only root may open otherwise. */
  readonly hasLowPort: boolean
  /**
   * How it starts again while workers of a daemon that was killed are in control groups below its own: systemd puts it into a group
   * of its own there (from version 254), or a script takes the controllers away before.
   */
  readonly again: { readonly by: 'subgroup' } | { readonly by: 'script'; readonly file: string }
  /** Whether it is `metwork.service` too, for `service metwork`. */
  readonly isMetwork: boolean
}

/** What follows the head of a unit file. Why each line is so: docs/decisions/0027-a-service-of-systemd.md. */
export function unitBody(unit: UnitInput): string {
  const { scope, program, runtimeHome, environment, hasLowPort, again, isMetwork } = unit
  const variables = Object.entries({ MFMODULE_RUNTIME_HOME: runtimeHome, MFSERV_GROUPS: '1', ...environment })
  const isSystem = scope.is === 'system'
  const sections: Readonly<Record<string, readonly string[]>> = {
    Unit: [
      `Description=mfserv, in ${described(runtimeHome)}`,
      ...(isSystem ? ['After=network.target nss-lookup.target remote-fs.target'] : []),
      'StartLimitIntervalSec=0',
    ],
    Service: [
      'Type=notify',
      'NotifyAccess=all',
      `ExecStart=${commandWord(program)} daemon --take-over --even-same`,
      `ExecReload=${commandWord(program)} restart --no-wait`,
      ...(isSystem ? [`User=${scope.user}`] : []),
      ...variables.map(([key, value]) => `Environment=${quoted(`${key}=${value}`)}`),
      'UMask=0077',
      'KillMode=process',
      'Delegate=yes',
      ...(again.by === 'subgroup' ? ['DelegateSubgroup=daemon'] : [`ExecStopPost=-/bin/sh ${commandWord(again.file)}`]),
      'Restart=on-failure',
      'RestartSec=500ms',
      'WatchdogSec=30',
      'WatchdogSignal=SIGKILL',
      'TimeoutStartSec=600',
      'TimeoutStopSec=90',
      'LimitNOFILE=65536',
      'TasksMax=infinity',
      'OOMPolicy=continue',
      ...(isSystem && hasLowPort ? ['AmbientCapabilities=CAP_NET_BIND_SERVICE'] : []),
    ],
    Install: [`WantedBy=${isSystem ? 'multi-user' : 'default'}.target`, ...(isMetwork ? [`Alias=${METWORK}`] : [])],
  }
  return Object.entries(sections)
    .map(([section, lines]) => `[${section}]\n${lines.join('\n')}\n`)
    .join('\n')
}

/** What `service metwork` asks systemd for. */
export const METWORK = 'metwork.service'

const MARK = '# mfserv-unit: '

/** The whole file. `digest` names a text by what is in it, so that a change by hand is seen. */
export function unitText(unit: UnitInput, digest: (text: string) => string): string {
  const body = `\n${unitBody(unit)}`
  const user = unit.scope.is === 'user' ? ' --user' : ''
  const head = [
    `# Written by "mfserv service install" of mfserv ${unit.version}.`,
    `# Do not change it here, but with: systemctl${user} edit ${unit.name}`,
    `${MARK}${digest(body)}`,
  ]
  return `${head.join('\n')}\n${body}`
}

/** What a unit file that is there is. `edited`: mfserv has written it, and somebody has changed it since. */
export interface FoundUnit {
  readonly is: 'as written' | 'edited' | 'of others'
  /** Undefined when it names none. */
  readonly runtimeHome: string | undefined
}

export function readUnit(text: string, digest: (text: string) => string): FoundUnit {
  const at = text.indexOf(MARK)
  const end = text.indexOf('\n', at)
  const [, home] = /^Environment="MFMODULE_RUNTIME_HOME=((?:[^"\\]|\\.)*)"$/m.exec(text) ?? []
  const runtimeHome = home === undefined ? undefined : unquoted(home)
  if (at < 0 || end < 0) return { is: 'of others', runtimeHome }
  const isWritten = text.slice(at + MARK.length, end).trim() === digest(text.slice(end + 1))
  return { is: isWritten ? 'as written' : 'edited', runtimeHome }
}

/** One word in quotes, as systemd reads them: `%` would be a specifier. */
function quoted(text: string): string {
  return `"${escaped(text)}"`
}

/** A word of a command, where `$` would be a variable. */
function commandWord(text: string): string {
  return /^[\w%+,./:=@-]+$/.test(text) ? text.replaceAll('%', '%%') : quoted(text).replaceAll('$', '$$$$')
}

function escaped(text: string): string {
  const hex = (character: string): string => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  return text
    .replaceAll(/[\\"]/g, '\\$&')
    .replaceAll('%', '%%')
    .replaceAll(/\p{Cc}/gu, hex)
}

function unquoted(text: string): string {
  return text
    .replaceAll('%%', '%')
    .replaceAll(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex: string | undefined, plain: string | undefined) =>
      hex === undefined ? (plain ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
    )
}

/** A description is one line, and nothing in it is quoted. */
function described(text: string): string {
  return text.replaceAll('%', '%%').replaceAll(/\p{Cc}/gu, '?')
}
