import { Problem, type Where } from '../../problem.ts'
import { RUNTIMES } from '../../runtime/runtime.ts'
import { nameIn } from '../key.ts'
import { APP_KEYS } from '../keys.ts'
import type { App, Dialect } from '../plugin.ts'

/** An app that runs and that no URL leads to. Another app may still ask it, by a fragment. */
export function routeProblems(app: App | undefined, given: ReadonlyMap<string, Where>, dialect: Dialect): readonly Problem[] {
  if (app === undefined) return []
  const { name, type, workers, routing, where } = app
  const isServed = RUNTIMES[type].serves === 'files' || workers > 0
  if (!isServed || routing.prefix || routing.virtualDomain) return []
  const called = (key: keyof typeof APP_KEYS): string => nameIn(dialect, APP_KEYS[key]) ?? key
  const [prefix, hosts] = [called('prefix_based_routing'), called('virtualdomain_based_routing')]
  const extra = called('prefix_based_routing_extra_routes')
  const unused = routing.extraRoutes.length === 0 ? '' : `. ${extra} counts only with ${prefix}=1`
  const message = `no URL leads to the app ${name}: ${prefix} and ${hosts} are both 0${unused}`
  return [new Problem('NOT_SERVED', message, `Write ${prefix}=1 or ${hosts}=1.`, given.get('prefix_based_routing') ?? where)]
}
