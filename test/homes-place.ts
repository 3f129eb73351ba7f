/** What the machine says of itself, as text. */
export interface MachineMemory {
  /** `/proc/mounts` */
  readonly mounts: string
  /** `/proc/meminfo` */
  readonly meminfo: string
  /** Bytes that are free in `/dev/shm`. */
  readonly free: number
}

export const IN_MEMORY = '/dev/shm'
/** What the runtime homes of a few files at a time have been seen to take, three times over. */
const ROOM_BYTES = 4 * 1024 ** 3

/**
 * Where the tests have their runtime homes: in memory where there is room, because a tenth of their time is spent on files that are
 * made and removed again. Undefined: where temporary files are. What a power cut leaves of a disk is shown by `make test-machine`.
 */
export function placeOfHomes({ mounts, meminfo, free }: MachineMemory): typeof IN_MEMORY | undefined {
  const mounted = mounts.split('\n').findLast((line) => line.split(' ')[1] === IN_MEMORY)
  const [, , type, options = ''] = mounted?.split(' ') ?? []
  const isUsable = type === 'tmpfs' && !options.split(',').some((option) => option === 'noexec' || option === 'ro')
  const available = Number(/^MemAvailable: *(\d+) kB$/m.exec(meminfo)?.[1] ?? 0) * 1024
  return isUsable && Math.min(free, available) >= ROOM_BYTES ? IN_MEMORY : undefined
}
