/** Where a symbolic link ends up: `inside` or `outside` of the plugin, in a `circle`, or too `far` for the system to follow. */
export type LinkEnd = 'inside' | Nowhere

type Nowhere = 'outside' | 'circle' | 'far'

/** How many links Linux follows on one way. */
const MOST_HOPS = 40

/**
 * Where each link of a tree ends, as the system would follow it through the others. The keys of `links` are paths relative to
 * the plugin, none of them below another; a target that does not exist counts as the place where it would be.
 *
 * Each link is walked once, and what it came to is remembered, so the time grows with the text of the targets alone: links
 * that lead through each other again and again are cheap to write into an archive.
 */
export function followLinks(links: ReadonlyMap<string, string>): ReadonlyMap<string, LinkEnd> {
  const root = newPlace(undefined)
  const added = [...links].map(([path, target]) => [path, addLink(root, path, target)] as const)
  for (const [, link] of added) follow(link)
  return new Map(added.map(([path, { end }]) => [path, isNowhere(end) ? end : 'inside']))
}

/** A link, or a directory on the way to one. What is in no directory of these leads to no link, so its names do not matter. */
interface Place {
  readonly parent: Place | undefined
  readonly children: Map<string, Place>
  link: Link | undefined
}

interface Link {
  /** The directory that it is in. */
  readonly from: Place
  readonly target: string
  end: 'unknown' | 'being followed' | End
}

type End = Arrived | Nowhere

function isNowhere(end: Link['end']): end is Nowhere {
  return end === 'outside' || end === 'circle' || end === 'far'
}

/** Where a way came to: so many names `below` a place, by so many links. */
interface Arrived {
  readonly place: Place
  readonly below: number
  readonly hops: number
}

function newPlace(parent: Place | undefined): Place {
  return { parent, children: new Map(), link: undefined }
}

function addLink(root: Place, path: string, target: string): Link {
  let [from, place] = [root, root]
  for (const part of path.split('/')) {
    from = place
    place = from.children.get(part) ?? newPlace(from)
    from.children.set(part, place)
  }
  const link: Link = { from, target, end: 'unknown' }
  place.link = link
  return link
}

/** Follows a link, and those that it leads through before it goes on. They may be many: no call is in another. */
function follow(first: Link): void {
  const ways = first.end === 'unknown' ? [newWay(first)] : []
  for (let way = ways.at(-1); way !== undefined; way = ways.at(-1)) {
    const came = goOn(way)
    if (typeof came === 'string') for (const { link } of ways.splice(0)) link.end = came
    else if ('target' in came) ways.push(newWay(came))
    else {
      way.link.end = came
      ways.pop()
    }
  }
}

/** A link that is being followed: where that has come to, and what of its target is ahead, the next name last. */
interface Way {
  readonly link: Link
  readonly ahead: string[]
  here: Arrived
}

function newWay(link: Link): Way {
  link.end = 'being followed'
  return { link, ahead: link.target.split('/').reverse(), here: { place: link.from, below: 0, hops: 1 } }
}

/** To the end, or to a link whose end has to be known first. */
function goOn(way: Way): End | Link {
  if (way.link.target.startsWith('/')) return 'outside'
  for (let part = way.ahead.at(-1); part !== undefined; part = way.ahead.at(-1)) {
    const next = step(way.here, part)
    if (typeof next === 'string' || 'target' in next) return next
    way.here = next
    way.ahead.pop()
  }
  return way.here
}

/** One name further. */
function step(here: Arrived, part: string): End | Link {
  const { place, below, hops } = here
  if (part === '' || part === '.') return here
  if (part === '..') {
    if (below > 0) return { ...here, below: below - 1 }
    return place.parent === undefined ? 'outside' : { ...here, place: place.parent }
  }
  const child = below === 0 ? place.children.get(part) : undefined
  if (child === undefined) return { ...here, below: below + 1 }
  if (child.link === undefined) return { ...here, place: child }
  const { end } = child.link
  if (end === 'unknown') return child.link
  if (end === 'being followed') return 'circle'
  if (typeof end === 'string') return end
  return hops + end.hops > MOST_HOPS ? 'far' : { ...end, hops: hops + end.hops }
}
