import { existsSync, lstatSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { InstalledPlugin } from '../../desired/installed.ts'
import { needsRedis } from '../../desired/redis-spec.ts'
import { needsPhp } from '../../desired/worker-spec.ts'
import type { ProgramFacts, Trouble } from '../../doctor/facts.ts'
import { Problem } from '../../problem.ts'
import type { Paths } from '../home/paths.ts'
import { findNginx } from '../nginx/program.ts'
import { findPhpFpm } from '../programs/php-fpm.ts'
import { findInterpreter } from '../programs/python-framework.ts'
import { findRedis } from '../programs/redis.ts'

interface Needs {
  readonly paths: Paths
  readonly env: NodeJS.ProcessEnv
  readonly plugins: readonly InstalledPlugin[]
  /** Whether nginx is to run at all. */
  readonly front: boolean
}

/** The programs that mfserv and its plugins stand on. */
export async function programFacts({ paths, env, plugins, front }: Needs): Promise<readonly ProgramFacts[]> {
  const who = (needs: (plugin: InstalledPlugin) => boolean): readonly string[] =>
    plugins.filter(needs).map(({ plugin }) => plugin.name)
  const [php, redis] = [who(needsPhp), who(needsRedis)]
  return [
    { name: 'nginx', neededBy: front ? ['mfserv'] : [], problem: front ? nginxTrouble(paths) : undefined },
    { name: 'python3', neededBy: ['mfserv'], problem: await pythonTrouble() },
    {
      name: 'php-fpm',
      neededBy: php,
      problem: php.length > 0 && findPhpFpm(env, paths) === undefined ? absent('php') : undefined,
    },
    {
      name: 'redis-server',
      neededBy: redis,
      problem: redis.length > 0 && findRedis(env, paths) === undefined ? absent('redis') : undefined,
    },
    ...plugins.flatMap(environmentsOf),
  ]
}

function nginxTrouble(paths: Paths): Trouble | undefined {
  try {
    findNginx(paths)
    return undefined
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { what: error.message, fix: 'mfserv setup', isError: true }
  }
}

async function pythonTrouble(): Promise<Trouble | undefined> {
  const found = await findInterpreter()
  return found === undefined
    ? { what: 'no python3 that is new enough was found', fix: 'apt-get install python3 python3-venv', isError: true }
    : undefined
}

function absent(name: string): Trouble {
  return { what: 'it was not found', fix: `mfserv setup --with ${name}`, isError: true }
}

/** A virtualenv is a link to the Python it was made with: an upgrade of the system may take that away. */
function environmentsOf({ plugin: { name, home } }: InstalledPlugin): readonly ProgramFacts[] {
  return ['local', 'local/python2'].flatMap((place) => {
    const python = join(home, place, 'current/bin/python')
    const isLink = lstatSync(python, { throwIfNoEntry: false })?.isSymbolicLink() === true
    if (!isLink || existsSync(python)) return []
    const what = `it was made with ${readlinkSync(python)}, which is gone`
    const fix = `Install that Python again, or build the environment anew: mfserv make in ${home}, or plugins.install of the release`
    return [{ name: `the virtualenv of ${name}`, neededBy: [name], problem: { what, fix, isError: true } }]
  })
}
