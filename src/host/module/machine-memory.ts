import { totalMemoryKb } from '../../config/hardware.ts'
import { textOf } from '../disk/text-of.ts'

const OF_CONTAINER = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes']

/** Bytes of memory that this machine has, or the container that it is. */
export function machineMemory(): number {
  const whole = totalMemoryKb(textOf('/proc/meminfo') ?? '') * 1024
  const limits = OF_CONTAINER.map((file) => Number(textOf(file) ?? Number.NaN)).filter((limit) => limit > 0)
  return Math.min(whole, ...limits)
}
