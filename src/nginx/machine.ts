/** What the nginx program and the machine allow. */
export interface NginxMachine {
  /** Modules named in `nginx -V`, such as `http_gzip_static_module`. */
  readonly modules: ReadonlySet<string>
  /** Undefined for an nginx without Lua. */
  readonly lua?: NginxLua | undefined
  /** How many files one nginx worker may have open. */
  readonly openFiles: number
  /** Such as 1, 22, 1; absent counts as older than all that is asked for. */
  readonly version?: readonly number[]
  /** Whether this machine has addresses of IPv6. */
  readonly hasIpv6?: boolean
}

export interface NginxLua {
  /** Files to load. */
  readonly modules: readonly string[]
  /** Where the Lua libraries of them are, if not in the usual place. */
  readonly directories: readonly string[]
  /** The nginx that runs was started before they were there, and does not find what they are linked with. */
  readonly needsRestart?: boolean
}

export function isSince({ version = [] }: NginxMachine, since: readonly number[]): boolean {
  const difference = since.map((part, index) => (version[index] ?? 0) - part).find((part) => part !== 0)
  return version.length > 0 && (difference ?? 0) >= 0
}
