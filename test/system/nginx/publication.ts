import { dirname } from 'node:path'
import type { Publication } from '../../../src/host/nginx/front.ts'
import type { AppCase } from '../../support/routes-fixture.ts'
import type { Place } from './place.ts'

export const page = (plugin: string, app: Partial<AppCase> = {}) => ({
  plugin,
  apps: [{ app: 'main', kind: 'files' as const, prefixes: [`/${plugin}/main`, `/${plugin}`], ...app }],
})

export function withFile(place: Place, plugin: string) {
  const file = place.write(`${plugin}.d/index.html`, `I am ${plugin}`)
  return page(plugin, { directory: dirname(file) })
}

export function running(did: 'started' | 'reloaded' | 'nothing'): Publication {
  return { is: 'running', did, quarantined: new Map(), withKeptFragments: new Map() }
}

export function quarantined(outcome: Publication): Readonly<Record<string, string>> {
  if (outcome.is === 'failed') throw outcome.problem
  return Object.fromEntries([...outcome.quarantined].map(([plugin, { message }]) => [plugin, message]))
}
