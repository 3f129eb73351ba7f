import type { WorkerPlace } from './contract.ts'

/** For the servers that tell an application its prefix by the interface they speak: WSGI and ASGI. No prefix has a colon. */
export function mountOption({ mount = [] }: WorkerPlace): readonly string[] {
  return mount.length === 0 ? [] : [`--mount=${mount.join(':')}`]
}
