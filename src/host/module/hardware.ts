import { readFileSync } from 'node:fs'
import { hostname, networkInterfaces } from 'node:os'
import { countProcessors, fullHostname, type HardwareFacts, totalMemoryKb } from '../../config/hardware.ts'
import { isSystemError } from '../disk/errno.ts'

/** Three small files and no question to the network: a name server that does not answer must not hold up a command. */
export function readHardware(): HardwareFacts {
  const full = fullHostname(hostname(), factIn('/etc/hosts'))
  const [short = full, ...domain] = full.split('.')
  return {
    ...countProcessors(factIn('/proc/cpuinfo')),
    memoryKb: totalMemoryKb(factIn('/proc/meminfo')),
    hostname: short,
    hostnameFull: full,
    domain: domain.join('.'),
    ip: firstAddress(),
  }
}

/** The first address that is not loopback, IPv4 before IPv6. */
function firstAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? [])
  const outside = addresses.filter((address) => !address.internal)
  return (outside.find(({ family }) => family === 'IPv4') ?? outside[0])?.address ?? '127.0.0.1'
}

/** Not every system or container has all of these files; a missing one only makes the facts poorer. */
function factIn(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (isSystemError(error)) return ''
    throw error
  }
}
