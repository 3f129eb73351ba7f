import { readFileSync } from 'node:fs'
import { pathsOf } from '../../src/host/home/paths.ts'
import { findPhpFpm } from '../../src/host/programs/php-fpm.ts'
import { answersTo, bootstrapByPipe } from '../../test/system/make-plugin.ts'
import type { World } from '../../test/system/world.ts'
import { allServe, WORKERS } from '../plugins.ts'
import { type MeasuredType, nameOf, pathOf, type Served, TYPE_NAMES, TYPES } from './served.ts'

export const OURS = 'mfserv'

/** A plugin of each type as its template makes it, served by mfserv. `homes`: where they are. */
export async function startOurs(world: World): Promise<{
  readonly served: readonly Served[]
  readonly homes: ReadonlyMap<MeasuredType, string>
  readonly missing: readonly string[]
}> {
  await world.must('mfserv.start')
  const hasPhp = findPhpFpm(process.env) !== undefined
  const types = TYPE_NAMES.filter((type) => type !== 'php' || hasPhp)
  const homes = new Map<MeasuredType, string>()
  for (const type of types) {
    const { template } = TYPES[type]
    const home = await bootstrapByPipe(world, nameOf(type), template, answersTo(template, type, WORKERS))
    await world.must('_plugins.make', [], { in: home })
    await world.must('_plugins.develop', [], { in: home })
    homes.set(type, home)
  }
  await world.until('the plugins serve', allServe)
  return {
    served: types.map((type) => ({ type, by: OURS, url: world.url + pathOf(type), leaders: () => leadersOf(type, world) })),
    homes,
    missing: hasPhp ? [] : ['Not measured: php. This machine has no php-fpm (apt install php-fpm).'],
  }
}

async function leadersOf(type: MeasuredType, world: World): Promise<readonly number[]> {
  if (type === 'static') return [Number(readFileSync(pathsOf(world.home).nginxPid, 'utf8'))]
  const slots = (await world.plugin(nameOf(type))).apps.flatMap((app) => app.slots)
  return slots.flatMap(({ pid }) => (pid === null ? [] : [pid]))
}
