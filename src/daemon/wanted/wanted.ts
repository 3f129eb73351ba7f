import { join } from 'node:path'
import type { DesiredState } from '../../desired/desired.ts'
import type { Machine } from '../../desired/environment.ts'
import { stampsOf } from '../../host/disk/stamps.ts'
import { ownUuid } from '../../host/home/directories.ts'
import type { Paths } from '../../host/home/paths.ts'
import { settleAllAside } from '../../host/plugins/aside/aside.ts'
import { desireHere } from '../../host/plugins/desired/desire-here.ts'
import { rememberLayers } from '../../host/plugins/desired/kept-layers.ts'
import { Python2Search } from '../../host/programs/python2.ts'
import { Candidates } from './candidates.ts'
import { Certificates } from './certificates.ts'
import type { Configuration } from './configuration.ts'
import { Plugins } from './plugins.ts'
import { Reading, type Scope } from './reading.ts'

interface WantedInput {
  readonly paths: Paths
  readonly machine: Machine
  readonly configuration: Configuration
  /** Called when something on disk should be read again. */
  readonly changed: () => void
  /** Called with each new state before anything else is done with it. */
  readonly isNew: (state: DesiredState) => void
}

/** What should be, read from the disk: the module's configuration, the plugins, and what commands have asked for. */
export class WantedState {
  readonly plugins: Plugins
  readonly candidates: Candidates
  readonly certificates: Certificates
  readonly #input: WantedInput
  readonly #python2: Python2Search
  readonly #uuid: string
  readonly #reading = new Reading()
  #state: DesiredState | undefined
  /** Whether another configuration is in force than the state was made with. */
  #isReconfigured = false

  constructor(input: WantedInput) {
    const { paths, changed } = input
    this.#input = input
    this.#uuid = ownUuid(paths)
    this.#python2 = new Python2Search(join(paths.config, 'config.ini'))
    this.plugins = new Plugins(paths, changed)
    this.candidates = new Candidates(paths)
    this.certificates = new Certificates(paths)
  }

  /** Undefined until the disk was read once. */
  get state(): DesiredState | undefined {
    return this.#state
  }

  /** Whether another configuration is in force than the state was made with. */
  isReconfigured(): boolean {
    return this.#isReconfigured
  }

  /** Whether somebody is writing a file: what it says so far does not count yet. */
  isBeingWritten(): boolean {
    return this.#input.configuration.isBeingWritten() || this.plugins.isBeingWritten()
  }

  /** The next `read` reads everything. */
  askForAll(): void {
    this.#reading.askForAll()
  }

  /** The next `read` reads this plugin, and what has changed of the others. */
  askFor(plugin: string): void {
    this.plugins.askFor(plugin)
    this.#reading.askForChanges()
  }

  /** Reads what has changed. Whatever fails is read again the next time. */
  read(): Promise<void> {
    this.#lookAtCertificates()
    return this.#reading.run(this.#stampsOfFiles(), (scope) => this.#readScope(scope))
  }

  close(): Promise<void> {
    return this.plugins.close()
  }

  async #readScope(scope: Scope): Promise<void> {
    const { paths, configuration, isNew } = this.#input
    const which = scope === 'again' ? 'stale' : scope
    if (which !== 'stale') settleAllAside(paths)
    // They are few, and looked at as a whole.
    const ofFew = which === 'stale' ? 'stale' : 'all'
    if ((await configuration.refresh(ofFew)) === 'changed') this.#isReconfigured = true
    this.#lookAtCertificates()
    const outcome = await this.plugins.refresh(configuration.inForce.variables, which)
    const tried = this.candidates.refresh(configuration.inForce.variables, ofFew)
    if (scope === 'stale' && !this.#isReconfigured && outcome === 'same' && tried === 'same') return
    this.#state = await this.#desire()
    // Those of plugins are known only now.
    if (this.#state.ownCertificates.length > 0 && this.#refreshCertificates() === 'changed') this.#state = await this.#desire()
    this.#isReconfigured = false
    isNew(this.#state)
    rememberLayers(paths, this.#state.plugins)
  }

  /** Nobody tells of their files, and nginx is to have a new one within seconds. */
  #lookAtCertificates(): void {
    if (this.#refreshCertificates() === 'changed') this.#isReconfigured = true
  }

  #refreshCertificates(): 'changed' | 'same' {
    return this.certificates.refresh(this.#input.configuration.inForce.config, this.#state?.ownCertificates ?? [])
  }

  /** Changes with what is not watched: what people install and stop, and what administrators edit of installed plugins. */
  #stampsOfFiles(): string {
    const { paths } = this.#input
    const installed = this.plugins.all().filter(({ mode }) => mode === 'installed')
    return stampsOf([
      paths.plugins,
      paths.stopped,
      paths.maintenance,
      paths.paused,
      paths.restarts,
      ...installed.flatMap(({ home }) => [join(home, 'config.ini'), join(home, 'crontab')]),
    ])
  }

  #desire(): Promise<DesiredState> {
    const { paths, machine, configuration } = this.#input
    const plugins = this.plugins.all().flatMap((plugin) => plugin.installed ?? [])
    return desireHere(plugins, {
      paths,
      machine,
      config: configuration.inForce.config,
      uuid: this.#uuid,
      python2: this.#python2,
      env: process.env,
      before: this.#state?.plugins,
      candidates: this.candidates.all().flatMap((one) => one.candidate ?? []),
    })
  }
}
