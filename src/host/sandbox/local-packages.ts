import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isErrno } from '../disk/errno.ts'
import { readStamp } from '../disk/text-of.ts'

/** What makes a directory a package that may be worked on beside a plugin; one of these in it, and it is no plugin itself. */
const OF_A_PACKAGE = ['package.json', 'pyproject.toml', 'setup.py', 'setup.cfg']
const OF_A_PLUGIN = '.layerapi2_label'

/**
 * The packages in development that a plugin in development uses from where they are: `pip install -e`, and symbolic links of npm.
 * Of the runtime home nothing counts that mfserv keeps there.
 */
export function localPackages(sitePackages: string | undefined, home: string, runtimeHome: string): readonly string[] {
  const found = [...editable(sitePackages), ...linked(join(home, 'node_modules'))]
  const kept = ['config', 'log', 'opt', 'tmp', 'var'].map((name) => join(runtimeHome, name, '/'))
  return found.filter((path) => {
    const isPackage = OF_A_PACKAGE.some((name) => existsSync(join(path, name))) && !existsSync(join(path, OF_A_PLUGIN))
    return isPackage && !kept.some((directory) => `${path}/`.startsWith(directory))
  })
}

function editable(sitePackages: string | undefined): readonly string[] {
  if (sitePackages === undefined) return []
  return namesIn(sitePackages)
    .filter((name) => name.endsWith('.dist-info'))
    .flatMap((name) => directoryIn(readStamp(join(sitePackages, name, 'direct_url.json'))))
}

/** What PEP 610 says of a package that was installed from a directory. */
function directoryIn(record: unknown): readonly string[] {
  const isKnown = typeof record === 'object' && record !== null && 'dir_info' in record && 'url' in record
  if (!isKnown || typeof record.url !== 'string' || !record.url.startsWith('file:///')) return []
  return realOf(fileURLToPath(record.url))
}

function linked(modules: string): readonly string[] {
  const names = namesIn(modules)
  const scoped = names
    .filter((name) => name.startsWith('@'))
    .flatMap((name) => namesIn(join(modules, name)).map((one) => join(name, one)))
  const all = [...names, ...scoped].flatMap((name) => realOf(join(modules, name)))
  return all.filter((path) => !path.startsWith(`${modules}/`))
}

function realOf(path: string): readonly string[] {
  try {
    return [realpathSync(path)]
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR') || isErrno(error, 'EACCES') || isErrno(error, 'ELOOP')) return []
    throw error
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return []
    throw error
  }
}
