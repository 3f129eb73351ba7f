import { bare, type NginxText, nginx } from '../quote.ts'

/**
 * The name of a variable that belongs to one app. Variables have letters, digits and `_` alone, in whichever case: what else a
 * name has, capitals too, is written by its number, so no two apps have the same.
 */
export function variableOf(what: string, plugin: string, app: string): string {
  const encoded = [plugin, app].map((name) => name.replace(/[^a-z0-9]/g, (char) => `_${char.charCodeAt(0).toString(16)}`))
  return `mfserv_${what}_${encoded.join('__')}`
}

export function variable(what: string, plugin: string, app: string): NginxText {
  return nginx`$${bare(variableOf(what, plugin, app))}`
}
