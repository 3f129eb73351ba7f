import { lstatSync, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Problem } from '../../problem.ts'
import { isErrno } from '../disk/errno.ts'

export type InstallMode = 'dev_link' | 'installed'

/** Where in a plugins directory the releases are. The dot keeps it out of every listing. */
export const RELEASES = '.releases'
/** How the name there of a plugin begins that was no release and was moved aside; its last workers may still read from it. */
export const REMOVED = 'removed-'

/** The names in the plugins directory, in order; empty when there is none yet. */
export function pluginNames(plugins: string): readonly string[] {
  try {
    return readdirSync(plugins, { withFileTypes: true })
      .filter((entry) => !entry.name.startsWith('.') && (entry.isSymbolicLink() || entry.isDirectory()))
      .map((entry) => entry.name)
      .sort()
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return []
    throw error
  }
}

/** The directory of `--plugins-base-dir`, or `usual` when the option is not given. Throws when it is no directory. */
export function pluginsDirectory(chosen: string | undefined, usual: string): string {
  if (chosen === undefined) return usual
  const directory = resolve(chosen)
  if (isDirectory(directory)) return directory
  throw new Problem('USAGE', `${directory} is not a directory`, 'Give --plugins-base-dir the directory that holds the plugins.')
}

/** How a plugin is installed and its directory, links followed; undefined when there is none. */
export function locate(plugins: string, name: string): { readonly mode: InstallMode; readonly home: string | undefined } {
  const entry = join(plugins, name)
  const isLink = lstatSync(entry, { throwIfNoEntry: false })?.isSymbolicLink() === true
  const isDevLink = isLink && !readlinkSync(entry).startsWith(`${RELEASES}/`)
  return { mode: isDevLink ? 'dev_link' : 'installed', home: targetOf(entry) }
}

/** What stands for the version of a plugin, and for its release. */
export interface Identity {
  readonly version: string
  readonly release: string
}

/** A plugin that does not read has neither, and what is in development is none that could be named. */
export function identityOf(mode: InstallMode | 'directory', plugin: Identity | undefined): Identity {
  if (plugin === undefined) return { version: 'error', release: 'error' }
  return mode === 'dev_link' ? { version: 'dev_link', release: 'dev_link' } : { version: plugin.version, release: plugin.release }
}

export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function targetOf(entry: string): string | undefined {
  try {
    const home = realpathSync(entry)
    return isDirectory(home) ? home : undefined
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ELOOP')) return undefined
    throw error
  }
}
