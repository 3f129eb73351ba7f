import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathsOf } from '../../src/host/home/paths.ts'
import { findPhpFpm } from '../../src/host/programs/php-fpm.ts'
import { answersTo, bootstrapByPipe } from '../../test/system/make-plugin.ts'
import { edit, type World } from '../../test/system/world.ts'
import { allServe, installRelease, WORKERS } from '../plugins.ts'
import { ADAPTED } from './on-port.ts'
import { type MeasuredType, nameOf, pathOf, type Served, TYPE_NAMES, TYPES } from './served.ts'

export const OURS = 'mfserv'
export const MOUNTED = 'mfserv, mounted'

/** Of each way in which an app is told its prefix one type whose template answers at every path. */
const MOUNTED_TYPES: readonly MeasuredType[] = ['python3_sync', 'aiohttp', 'python3_asgi']

/** Those for which a release is another thing than sources that are edited. */
const INSTALLED: readonly MeasuredType[] = ['static', 'php']

/** A plugin of each type as its template makes it, served by mfserv. `homes`: where they are. */
export async function startOurs(world: World): Promise<{
  readonly served: readonly Served[]
  readonly homes: ReadonlyMap<MeasuredType, string>
  readonly missing: readonly string[]
}> {
  await world.must('mfserv.start')
  const hasPhp = findPhpFpm(process.env, pathsOf(world.home)) !== undefined
  const types = TYPE_NAMES.filter((type) => type !== 'php' || hasPhp)
  const homes = new Map<MeasuredType, string>()
  for (const type of types) {
    homes.set(type, await startPlugin(world, nameOf(type), type))
  }
  for (const type of MOUNTED_TYPES) await startPlugin(world, mountedName(type), type, 'mount=1')
  await world.until('the plugins serve', allServe)
  return {
    served: [
      ...types.map((type) => {
        const leaders = () => (type === 'static' ? leaderOfNginx(world) : leadersOf(nameOf(type), world))
        return { type, by: OURS, url: world.url + pathOf(type), leaders }
      }),
      ...MOUNTED_TYPES.map((type) => {
        const name = mountedName(type)
        return { type, by: MOUNTED, url: `${world.url}/${name}/`, leaders: () => leadersOf(name, world) }
      }),
    ],
    homes,
    missing: hasPhp ? [] : ['Not measured: php. This machine has no php-fpm (apt install php-fpm).'],
  }
}

/** Answers its directory. `keys`: lines more in the section of its app. */
async function startPlugin(world: World, name: string, type: MeasuredType, keys = ''): Promise<string> {
  const { template } = TYPES[type]
  const home = await bootstrapByPipe(world, name, template, answersTo(template, type, WORKERS))
  if (keys !== '') edit(join(home, 'config.ini'), '\nprefix_based_routing=1\n', `\nprefix_based_routing=1\n${keys}\n`)
  ADAPTED[type]?.(home)
  await world.must('_plugins.make', [], { in: home })
  if (INSTALLED.includes(type)) await installRelease(world, home)
  else await world.must('_plugins.develop', [], { in: home })
  return home
}

function mountedName(type: MeasuredType): string {
  return `m-${type.replaceAll('_', '-')}`
}

async function leaderOfNginx(world: World): Promise<readonly number[]> {
  return [Number(readFileSync(pathsOf(world.home).nginxPid, 'utf8'))]
}

async function leadersOf(plugin: string, world: World): Promise<readonly number[]> {
  const slots = (await world.plugin(plugin)).apps.flatMap((app) => app.slots)
  return slots.flatMap(({ pid }) => (pid === null ? [] : [pid]))
}
