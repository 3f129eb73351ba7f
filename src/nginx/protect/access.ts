import type { AppRoutes } from '../../desired/desired.ts'
import { bare, block, type NginxText, nginx } from '../quote.ts'
import { variable, variableOf } from './names.ts'

/** Of the http block: which clients are outside of the networks of an app. */
export function accessVariable(plugin: string, { app, rules }: AppRoutes): NginxText | undefined {
  if (rules?.networks === undefined) return undefined
  const inside = rules.networks.map((network) => nginx`${network} "";`)
  return block(nginx`geo $${bare(variableOf('outside', plugin, app))}`, [nginx`default 1;`, ...inside])
}

/**
 * Of a location. Networks stand there twice: `if` comes before whatever answers without asking who may (a redirect, `return` in a
 * fragment), `allow` and `deny` reach the locations that a fragment nests in this one.
 */
export function accessRules(plugin: string, { app, rules }: AppRoutes): readonly NginxText[] {
  const { networks, passwordFile } = rules ?? {}
  if (networks === undefined && passwordFile === undefined) return []
  return [
    // What a fragment of another plugin says to the whole server would make one of the two enough.
    nginx`satisfy all;`,
    ...(networks === undefined
      ? []
      : [
          nginx`if (${variable('outside', plugin, app)}) { return 403; }`,
          ...networks.map((network) => nginx`allow ${network};`),
          nginx`deny all;`,
        ]),
    ...(passwordFile === undefined ? [] : [nginx`auth_basic ${plugin};`, nginx`auth_basic_user_file ${passwordFile};`]),
  ]
}
