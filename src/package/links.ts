/** Where a symbolic link ends up: `inside`, `outside` of the plugin, or in a `circle`. */
export type LinkEnd = 'inside' | 'outside' | 'circle'

const MOST_HOPS = 40

/**
 * Follows a link as the system would, through the other links of the same tree. `path` and the keys of `links` are relative
 * to the plugin; a target that does not exist counts as the place where it would be.
 */
export function followLink(path: string, links: ReadonlyMap<string, string>): LinkEnd {
  const here: string[] = []
  const ahead = path.split('/')
  for (let hops = 0; ahead.length > 0; ) {
    const part = ahead.shift() ?? ''
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (here.pop() === undefined) return 'outside'
      continue
    }
    here.push(part)
    const target = links.get(here.join('/'))
    if (target === undefined) continue
    hops += 1
    if (hops > MOST_HOPS) return 'circle'
    if (target.startsWith('/')) return 'outside'
    here.pop()
    ahead.unshift(...target.split('/'))
  }
  return 'inside'
}
