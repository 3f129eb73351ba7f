import { existsSync, lstatSync, mkdirSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import type { Sandbox } from '../../desired/sandbox/facts.ts'
import { Problem } from '../../problem.ts'
import { textOf } from '../disk/text-of.ts'
import { siteDirectory } from '../home/site.ts'
import { localPackages } from './local-packages.ts'

type InForce = Extract<Sandbox, { is: 'in force' }>
/** One word of share/sandbox/enter.pl, and what belongs to it. */
type Step = readonly string[]

/** Homes of people, what talks to the system's own services, and what the administrator says of mfserv. */
const COVERED = ['/home', '/root', '/run']
/** Of the same user these can read, as no other can. */
const COVERED_FOR_ROOT = ['/etc/ssl/private', '/etc/ssh', '/etc/letsencrypt']
const BLANK_FOR_ROOT = ['/etc/shadow', '/etc/gshadow']
/** Of /run: names of hosts and users, and databases of this machine. */
const OF_RUN = ['systemd/resolve', 'resolvconf', 'NetworkManager', 'nscd', 'postgresql', 'mysqld', 'redis', 'memcached']
const TEMPORARY = ['/tmp', '/var/tmp']
const SHARED_MEMORY = '/dev/shm'
const MOST_LINKS = 40

/**
 * What its processes see. All that is mounted can only be read. Empty directories lie over what is not theirs, and in these what
 * is. The directories that they write to are made here.
 */
export function viewOf(sandbox: InForce): readonly Step[] {
  const { runtimeHome, plugin } = sandbox
  const isRoot = process.geteuid?.() === 0
  const home = homedir()
  const site = siteDirectory(process.env)
  const hidden = [...COVERED, runtimeHome, ...(isBelow(site, [runtimeHome]) ? [] : [site]), ...(isRoot ? COVERED_FOR_ROOT : [])]
  const covers = [...(isSystem(home) ? hidden : [...hidden, home])].filter(existsSync).map((path) => realpathSync(path))
  const areas = new Set([...covers, ...TEMPORARY.filter(existsSync), SHARED_MEMORY])
  const logs = join(runtimeHome, 'log/plugins', plugin)
  for (const path of [...sandbox.writes, logs])
    if (isBelow(path, [runtimeHome])) mkdirSync(path, { recursive: true, mode: 0o700 })
  const seen = new Seen(areas)
  for (const path of sandbox.writes) seen.add(path, 'lend')
  for (const path of sandbox.reads) seen.add(path, 'keep')
  const { developed } = sandbox
  const local = developed === undefined ? [] : localPackages(developed.sitePackages, developed.home, runtimeHome)
  for (const path of local) seen.add(path, 'keep')
  for (const path of sandbox.programs) seen.addProgram(path)
  for (const name of OF_RUN) seen.add(join('/run', name), 'keep')
  refuseTooMuch(seen.shown, covers, plugin)
  return [
    ...[...areas].map((path) => (covers.includes(path) ? ['cover', path] : ['private', path])),
    ...(isRoot ? BLANK_FOR_ROOT.filter(existsSync).map((path) => ['lend', '/dev/null', path]) : []),
    ...temporaryOf(sandbox, seen.shown),
    ...seen.links,
    ...entriesOf(sandbox),
    ['lend', logs, join(realpathSync(runtimeHome), 'log')],
    ...[...seen.shown].map(([path, is]) => (is === 'lend' ? ['lend', path, path] : ['keep', path])),
    ...linking(sandbox, seen.shown, [...areas]),
  ]
}

function entriesOf({ runtimeHome, entries }: InForce): readonly Step[] {
  const plugins = join(realpathSync(runtimeHome), 'var/plugins')
  return entries.flatMap(({ name, home }) => (home === join(plugins, name) ? [] : [['link', join(plugins, name), home]]))
}

/** Where nginx finds files and sockets of the plugin by their names, none of these may lead elsewhere. */
function linking({ runtimeHome, developed }: InForce, shown: Seen['shown'], areas: readonly string[]): readonly Step[] {
  const named = [join(realpathSync(runtimeHome), 'var/run'), ...(developed === undefined ? [] : [developed.home])]
  const written = [...shown].flatMap(([path, is]) => (is === 'lend' && !isBelow(`${path}/.`, named) ? [path] : []))
  const own = [...TEMPORARY, SHARED_MEMORY].filter((path) => areas.includes(path) && !named.some((one) => isBelow(one, [path])))
  return [...written, ...own].filter((path) => statSync(path).isDirectory()).map((path) => ['linking', path])
}

/** Where it can be, /tmp is a directory that all processes of the plugin have. */
function temporaryOf({ runtimeHome, plugin }: InForce, shown: Seen['shown']): readonly Step[] {
  const isFree = ![...shown.keys(), runtimeHome].some((path) => isBelow(path, ['/tmp']))
  return isFree ? [['lend', join(runtimeHome, 'tmp', plugin), '/tmp']] : []
}

/** A directory that holds what is hidden cannot be shown. */
function refuseTooMuch(shown: Seen['shown'], covers: readonly string[], plugin: string): void {
  const [path, hidden] =
    [...shown.keys()]
      .flatMap((one) => covers.filter((cover) => cover === one || isBelow(cover, [one])).map((cover) => [one, cover] as const))
      .at(0) ?? []
  if (path === undefined) return
  const message = `${path} holds ${hidden}, which the sandbox hides, so it cannot be shown to the plugin ${plugin}`
  throw new Problem('ENVIRONMENT', message, `Move one of the two, or write the plugin at off of [sandbox].`, { file: path })
}

/** The directories that are shown below what is hidden, and the symbolic links on the way to them. */
class Seen {
  readonly shown = new Map<string, 'keep' | 'lend'>()
  readonly links: Step[] = []
  readonly #areas: ReadonlySet<string>

  constructor(areas: ReadonlySet<string>) {
    this.#areas = areas
  }

  /** What is to be read where all can be read needs nothing. */
  add(path: string, as: 'keep' | 'lend'): void {
    const real = this.#follow(path)
    if (real === undefined || isBelow(`${real}/.`, [...this.shown.keys()])) return
    if (as === 'lend' || isBelow(real, [...this.#areas])) this.shown.set(real, as)
  }

  /** A program brings the directory with its libraries: that above its `bin`. A Python of a virtualenv brings the one it was made of. */
  addProgram(path: string): void {
    for (const base of basesOf(dirname(dirname(path)))) this.add(basename(base) === 'bin' ? dirname(base) : base, 'keep')
    const real = this.#follow(path)
    if (real === undefined || !isBelow(real, [...this.#areas])) return
    const directory = dirname(real)
    this.add(basename(directory) === 'bin' ? dirname(directory) : directory, 'keep')
  }

  /** The real path; undefined where nothing is. */
  #follow(path: string): string | undefined {
    let [at, rest, links] = ['/', path.split('/').filter((name) => name !== ''), 0]
    while (rest.length > 0) {
      const next = resolve(at, rest[0] ?? '')
      const stat = lstatSync(next, { throwIfNoEntry: false })
      if (stat === undefined || links > MOST_LINKS) return undefined
      rest = rest.slice(1)
      if (!stat.isSymbolicLink()) {
        at = next
        continue
      }
      links += 1
      const text = readlinkSync(next)
      if (isBelow(next, [...this.#areas]) && !isBelow(next, [...this.shown.keys()])) this.links.push(['link', next, text])
      const target = resolve(dirname(next), text)
      rest = [...target.split('/').filter((name) => name !== ''), ...rest]
      at = '/'
    }
    return at
  }
}

function basesOf(virtualenv: string): readonly string[] {
  const text = textOf(join(virtualenv, 'pyvenv.cfg')) ?? ''
  return [...text.matchAll(/^(?:home|base-prefix)\s*=\s*(\/.*?)\s*$/gm)].map(([, path = '']) => path)
}

function isBelow(path: string, directories: readonly string[]): boolean {
  return directories.some((directory) => path.startsWith(directory === '/' ? '/' : `${directory}/`))
}

/** Of a service that has none of its own. */
function isSystem(home: string): boolean {
  return home === '/' || /^\/(usr|bin|sbin|lib\w*|etc|dev|proc|sys|nonexistent)(\/|$)/.test(home)
}
