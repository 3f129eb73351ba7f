import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { hasLost } from '../../config/lost.ts'
import type { Variables } from '../../config/variables.ts'
import { readText } from '../../host/disk/read-text.ts'
import { absentStampsOf, stampsOf } from '../../host/disk/stamps.ts'
import { WholeFiles } from '../../host/disk/whole-files.ts'
import type { Paths } from '../../host/home/paths.ts'
import { log } from '../../host/logs/logger.ts'
import { controlFiles } from '../../host/plugins/fingerprint.ts'
import { type PluginOnDisk, pluginNames, readInstalled } from '../../host/plugins/installed.ts'
import { type Overrides, overriddenPlugins, overrideFiles, readOverrides } from '../../host/plugins/override-files.ts'
import { type Watch, watchPlugin } from '../../host/plugins/watch-sources.ts'
import { steadyNow } from '../../host/process/clock.ts'
import { sourcesChanged } from '../../log/own-lines.ts'
import { formatProblem } from '../../problem.ts'
import type { Millis } from '../../time.ts'

/** How long an edited tree must be quiet before it is read: editors and checkouts write several files at once. */
const QUIET_MS = 60
/** How often the files are looked through where the system cannot watch them. */
const POLL_MS = 2000

interface Known {
  readonly disk: PluginOnDisk
  readonly watched: Watched | undefined
  /** The administrator's values for it that it was read with, and the state of their files then. */
  readonly overrides: Overrides
  readonly stamps: string
  /** The directory of the release or of the sources. */
  readonly place: string | undefined
  /** Its own files that people edit, as they were when it was read. */
  readonly own: readonly OwnFile[]
}

interface OwnFile {
  readonly file: string
  readonly stamp: string
  readonly text: string | undefined
}

interface Watched {
  readonly watch: Watch
  /** What the watch was made for; another text needs another watch. */
  readonly rules: string
}

/** The plugins on disk, read again only when something says that they changed. */
export class Plugins {
  readonly #paths: Paths
  readonly #changed: () => void
  readonly #known = new Map<string, Known>()
  /** Changes that wait for quiet, by plugin. */
  readonly #settling = new Map<string, NodeJS.Timeout>()
  readonly #stale = new Set<string>()
  /** When the first of the changes came that a plugin was not read since. */
  readonly #firstChanges = new Map<string, Millis>()
  readonly #whole = new WholeFiles()
  /** Those whose own files somebody is writing. */
  readonly #written = new Set<string>()
  #variables: Variables = {}

  /** `changed` is called when a plugin should be read again. */
  constructor(paths: Paths, changed: () => void) {
    this.#paths = paths
    this.#changed = changed
  }

  /** In the order of their names. */
  all(): readonly PluginOnDisk[] {
    return [...this.#known.values()].map(({ disk }) => disk).sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  /** Whether a file of one of them is being written: what it says so far does not count yet. */
  isBeingWritten(): boolean {
    return this.#written.size > 0
  }

  /** It is read at the next refresh, whatever its files say of their age. */
  askFor(name: string): void {
    if (this.#known.has(name)) this.#stale.add(name)
  }

  /**
   * Reads what is new, or was told to have changed, or has other overrides. `changed`: also what its files tell of. Everything if
   * asked to, or if the variables changed.
   */
  async refresh(variables: Variables, scope: 'stale' | 'changed' | 'all'): Promise<'changed' | 'same'> {
    const isAll = scope === 'all' || JSON.stringify(variables) !== JSON.stringify(this.#variables)
    this.#variables = variables
    const names = new Set(pluginNames(this.#paths.plugins))
    const gone = [...this.#known.keys()].filter((name) => !names.has(name))
    const overridden = overriddenPlugins(this.#paths, process.env)
    const isMoved = (name: string): boolean => scope === 'changed' && this.#hasOtherFiles(name)
    const isStale = (name: string): boolean => this.#stale.has(name) || this.#hasOtherOverrides(name, overridden) || isMoved(name)
    const wanted = [...names].filter((name) => isAll || isStale(name))
    const unread = wanted.filter((name) => !this.#isWritten(name))
    for (const name of gone) await this.#drop(name)
    for (const name of unread) await this.#read(name)
    return gone.length + unread.length > 0 ? 'changed' : 'same'
  }

  async close(): Promise<void> {
    for (const name of [...this.#known.keys()]) await this.#drop(name)
  }

  async #read(name: string): Promise<void> {
    const known = this.#known.get(name)
    const stamps = this.#stampsOfOverrides(name)
    const place = placeOf(join(this.#paths.plugins, name))
    // Another release comes with its overrides, and a command of ours has written them as a whole.
    const same = known?.place === place ? known : undefined
    const own = OWN_FILES.map((file) => ownFile(join(this.#paths.plugins, name, file)))
    const written = same !== undefined && this.#restOfOverrides(name, same) > 0 ? same : undefined
    const overrides = written?.overrides ?? readOverrides(name, this.#paths, process.env)
    const disk = readInstalled(name, this.#paths, this.#variables, overrides)
    this.#stale.delete(name)
    this.#tellChange(name, known?.disk, disk)
    // Nothing tells when there is room again.
    if (disk.problems.some(({ code }) => code === 'DISK')) this.#mark(name, POLL_MS)
    const problems = disk.problems.map(formatProblem)
    if (problems.join() !== known?.disk.problems.map(formatProblem).join()) {
      for (const problem of problems) log('WARNING', `plugin ${name}: ${problem}`)
    }
    const rules = disk.mode === 'dev_link' ? `${disk.home}\n${controlFiles(disk.home)}` : undefined
    if (known !== undefined && rules === known.watched?.rules) {
      this.#known.set(name, { ...known, disk, overrides, place, own, stamps: written?.stamps ?? stamps })
      return
    }
    await known?.watched?.watch.close()
    const watched = rules === undefined ? undefined : { watch: this.#watch(name, disk.home), rules }
    this.#known.set(name, { disk, watched, overrides, place, own, stamps: written?.stamps ?? stamps })
  }

  /** An edit that leads to other workers; a database beside the sources that is written all the time does not. */
  #tellChange(name: string, before: PluginOnDisk | undefined, after: PluginOnDisk): void {
    const changedAt = this.#firstChanges.get(name)
    this.#firstChanges.delete(name)
    const [old, next] = [before, after].map((disk) => disk?.installed?.fingerprint)
    if (changedAt !== undefined && old !== next) log('INFO', sourcesChanged(name, steadyNow() - changedAt))
  }

  /** Of files that are being written nothing counts yet: the plugin stays as it was, and is looked at again. */
  #isWritten(name: string): boolean {
    const known = this.#known.get(name)
    const isSame = known !== undefined && known.place === placeOf(join(this.#paths.plugins, name))
    const rest = isSame ? Math.max(...known.own.map((own) => this.#restOf(own))) : 0
    if (rest === 0) {
      this.#written.delete(name)
      return false
    }
    this.#written.add(name)
    this.#mark(name, rest)
    return true
  }

  /** Another release, other sources, or other files of its own. */
  #hasOtherFiles(name: string): boolean {
    const known = this.#known.get(name)
    if (known === undefined || known.place !== placeOf(join(this.#paths.plugins, name))) return true
    return known.own.some(({ file, stamp }) => stampsOf([file]) !== stamp)
  }

  #restOf({ file, stamp, text }: OwnFile): number {
    if (stampsOf([file]) === stamp) return 0
    return this.#whole.restOf(file, () => hasLost(text, readText(file, [])), steadyNow())
  }

  /** Of a file that is being written nothing counts yet: it is looked at again. */
  #hasOtherOverrides(name: string, overridden: ReadonlySet<string> | undefined): boolean {
    const known = this.#known.get(name)
    if (known === undefined) return true
    if (known.stamps === this.#stampsOfOverrides(name, overridden)) return false
    const rest = this.#restOfOverrides(name, known)
    if (rest > 0) setTimeout(this.#changed, rest).unref()
    return rest === 0
  }

  #restOfOverrides(name: string, { overrides }: Known): number {
    const rests = Object.values(overrideFiles(name, this.#paths, process.env)).map((file) => {
      const before = overrides.texts.find((one) => one.file === file)?.text
      return this.#whole.restOf(file, () => hasLost(before, readText(file, [])), steadyNow())
    })
    return Math.max(...rests)
  }

  /** `overridden`: a look at the directories that has been taken already, so that 1,000 plugins do not take 2,000 more. */
  #stampsOfOverrides(name: string, overridden?: ReadonlySet<string>): string {
    const files = Object.values(overrideFiles(name, this.#paths, process.env))
    return overridden?.has(name) === false ? absentStampsOf(files) : stampsOf(files)
  }

  #watch(name: string, home: string): Watch {
    return watchPlugin(home, {
      changed: () => {
        if (!this.#firstChanges.has(name)) this.#firstChanges.set(name, steadyNow())
        this.#mark(name, QUIET_MS)
      },
      failed: (reason) => {
        const seconds = POLL_MS / 1000
        log(
          'WARNING',
          `plugin ${name}: its files are looked through every ${seconds} s, because the system cannot watch them (${reason})`,
        )
        log('WARNING', 'raise fs.inotify.max_user_watches and fs.inotify.max_user_instances with sysctl')
        this.#mark(name, POLL_MS)
      },
    })
  }

  #mark(name: string, afterMs: number): void {
    clearTimeout(this.#settling.get(name))
    const settled = (): void => {
      this.#settling.delete(name)
      this.#stale.add(name)
      this.#changed()
    }
    this.#settling.set(name, setTimeout(settled, afterMs))
  }

  async #drop(name: string): Promise<void> {
    clearTimeout(this.#settling.get(name))
    this.#settling.delete(name)
    this.#stale.delete(name)
    this.#written.delete(name)
    const known = this.#known.get(name)
    this.#known.delete(name)
    await known?.watched?.watch.close()
  }
}

/** Those whose lines say what is served and run. */
const OWN_FILES = ['config.ini', 'crontab']

/** The state first: what changes after it is seen the next time. */
function ownFile(file: string): OwnFile {
  return { file, stamp: stampsOf([file]), text: readText(file, []) }
}

/** Undefined where nothing is, or the way to it is barred: that is told by whoever reads it. */
function placeOf(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}
