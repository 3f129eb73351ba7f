/** What is known of the machine without asking the network. Memory in kB. */
export interface HardwareFacts {
  readonly physicalProcessors: number
  readonly cores: number
  readonly memoryKb: number
  readonly hostname: string
  readonly hostnameFull: string
  readonly domain: string
  readonly ip: string
}

/** `MFHARDWARE_…` and `MFHOSTNAME…`, and each under its older name, `MFCOM_HARDWARE_…` and `MFCOM_HOSTNAME…`. */
export function hardwareVariables(facts: HardwareFacts): Readonly<Record<string, string>> {
  const hardware: Readonly<Record<string, number>> = {
    NUMBER_OF_PHYSICAL_PROCESSORS: facts.physicalProcessors,
    NUMBER_OF_CPU_CORES: facts.cores,
    NUMBER_OF_CPU_CORES_PLUS_1: facts.cores + 1,
    NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2: facts.cores * 2,
    ...divided('NUMBER_OF_CPU_CORES', facts.cores, [2, 3, 4, 6, 8]),
    PHYSICAL_MEMORY: facts.memoryKb,
    ...divided('PHYSICAL_MEMORY', facts.memoryKb, [2, 3, 4, 6, 8, 16]),
  }
  const network = {
    HOSTNAME: facts.hostname,
    HOSTNAME_FULL: facts.hostnameFull,
    HOSTNAME_IP: facts.ip,
    DOMAIN: facts.domain,
  }
  const named = [
    ...Object.entries(hardware).map(([name, value]) => [`HARDWARE_${name}`, String(value)] as const),
    ...Object.entries(network),
  ]
  return Object.fromEntries(['MF', 'MFCOM_'].flatMap((prefix) => named.map(([name, value]) => [`${prefix}${name}`, value])))
}

/** Cores and processors in the text of /proc/cpuinfo: distinct ids, so the threads of one core count once. At least 1 each. */
export function countProcessors(cpuinfo: string): { readonly physicalProcessors: number; readonly cores: number } {
  const blocks = cpuinfo.split(/\n\s*\n/).filter((block) => /^processor\s*:/m.test(block))
  const field = (block: string, name: string): string | undefined => new RegExp(`^${name}\\s*:\\s*(.*)$`, 'm').exec(block)?.[1]
  const processors = new Set(blocks.map((block) => field(block, 'physical id')))
  // Without core ids, as on ARM, every processor is taken for a core.
  const cores = new Set(
    blocks.map(
      (block) => `${field(block, 'physical id')}/${field(block, 'core id') ?? `processor ${field(block, 'processor')}`}`,
    ),
  )
  return { physicalProcessors: Math.max(1, processors.size), cores: Math.max(1, cores.size) }
}

/** `MemTotal` in the text of /proc/meminfo, in kB; 0 when it is not there. */
export function totalMemoryKb(meminfo: string): number {
  return Number(/^MemTotal:\s*(\d+)/m.exec(meminfo)?.[1] ?? 0)
}

/** The full name that the text of /etc/hosts gives a host, or the name itself. */
export function fullHostname(hostname: string, hosts: string): string {
  if (hostname.includes('.')) return hostname
  const lines = hosts.split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(1))
  const names = lines.find((line) => line.includes(hostname)) ?? []
  return names.find((name) => name.startsWith(`${hostname}.`)) ?? hostname
}

function divided(name: string, value: number, divisors: readonly number[]): Readonly<Record<string, number>> {
  return Object.fromEntries(divisors.map((by) => [`${name}_DIVIDED_BY_${by}`, Math.max(1, Math.floor(value / by))]))
}
