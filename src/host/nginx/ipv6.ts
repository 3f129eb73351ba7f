import { textOf } from '../disk/text-of.ts'

/** Whether this machine has addresses of IPv6. Without the file the kernel has none; where it is empty, they are switched off. */
export function hasIpv6(): boolean {
  return (textOf('/proc/net/if_inet6') ?? '') !== ''
}
