import { join } from 'node:path'
import { Problem } from '../../problem.ts'
import { isExecutable } from '../disk/is-executable.ts'
import type { Paths } from '../home/paths.ts'
import type { Report } from '../process/run-tool.ts'
import { installDebian, unpackedDebian } from './debian.ts'
import { librariesBelow } from './libraries.ts'

/** The program itself is in the second. */
export const REDIS_PACKAGES = ['redis-server', 'redis-tools']

export interface RedisProgram {
  readonly path: string
  /** Where its libraries are, if it was unpacked. */
  readonly env: Readonly<Record<string, string>>
}

/** Finds redis-server, or installs Debian's; without root it is unpacked into the runtime home. Throws the problems of either. */
export async function ensureRedis(env: NodeJS.ProcessEnv, paths: Paths, report: Report): Promise<RedisProgram> {
  const found = findRedis(env, paths)
  if (found !== undefined) return found
  report('this machine has no redis-server')
  await installDebian(REDIS_PACKAGES, paths, report)
  const installed = findRedis(env, paths)
  if (installed !== undefined) return installed
  const packages = REDIS_PACKAGES.join(' and ')
  throw new Problem('BUILD_FAILED', `${packages} were installed and hold no redis-server`, 'Install redis-server by hand.')
}

/** `redis-server` on PATH, where systems have it, or where `mfserv setup --with redis` unpacked it. */
export function findRedis(
  { PATH = '' }: NodeJS.ProcessEnv,
  paths: Paths,
  system = ['/usr/bin', '/usr/local/bin'],
): RedisProgram | undefined {
  const directories = [...PATH.split(':').filter((directory) => directory.startsWith('/')), ...system]
  const path = directories.map((directory) => join(directory, 'redis-server')).find((file) => isExecutable(file))
  if (path !== undefined) return { path, env: {} }
  const root = unpackedDebian(REDIS_PACKAGES, paths)
  if (root === undefined) return undefined
  const unpacked = join(root, 'usr/bin/redis-server')
  return isExecutable(unpacked) ? { path: unpacked, env: librariesBelow(root) } : undefined
}
