import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { log } from '../host/logger.ts'
import { MFSERV_HOME, type Paths } from '../host/paths.ts'
import { provisionedFiles } from '../host/release/provision.ts'
import { siteDirectory } from '../host/site.ts'
import { stampsOf } from '../host/stamps.ts'

/** Has the site directory provisioned again when its .plugin files change: by a command of its own, because it takes long. */
export class Provisioning {
  readonly #paths: Paths
  /** What the last run found, or what there was at the start: mfserv.start saw to that. */
  #done: string
  /** A file may be half written: it must stay as it is from one look to the next. */
  #seen: string
  #runs = false

  constructor(paths: Paths) {
    this.#paths = paths
    this.#done = stampsNow()
    this.#seen = this.#done
  }

  look(): void {
    const stamps = stampsNow()
    const isQuiet = stamps === this.#seen
    this.#seen = stamps
    if (this.#runs || !isQuiet || stamps === this.#done) return
    this.#done = stamps
    if (provisionedFiles(process.env).length > 0) this.#run()
  }

  #run(): void {
    const file = join(this.#paths.log, 'provision.log')
    const output = openSync(file, 'a', 0o644)
    const argv = [join(MFSERV_HOME, 'src/cli/main.ts'), 'mfserv', 'provision']
    const child = spawn(process.execPath, argv, { detached: true, stdio: ['ignore', output, output] })
    closeSync(output)
    this.#runs = true
    log('INFO', `the plugin files of ${siteDirectory(process.env)} have changed: mfserv provision, pid ${child.pid}`)
    child.on('error', (error) => this.#ended(`it could not be started: ${error.message}`, file))
    child.on('exit', (code, signal) => this.#ended(code === 0 ? undefined : `it ended with ${signal ?? `code ${code}`}`, file))
    child.unref()
  }

  #ended(trouble: string | undefined, file: string): void {
    this.#runs = false
    if (trouble !== undefined) log('ERROR', `mfserv provision: ${trouble}; see ${file}`)
  }
}

function stampsNow(): string {
  const files = provisionedFiles(process.env)
  return stampsOf([...new Set(files.map(dirname)), ...files])
}
