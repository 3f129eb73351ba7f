import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readLabel } from '../../plugin/layer-files.ts'
import type { OverrideText } from '../../plugin/rewrite/overrides.ts'
import { type Problem, Problems } from '../../problem.ts'
import { isErrno, isSystemError } from '../disk/errno.ts'
import { readText } from '../disk/read-text.ts'
import type { Paths } from '../home/paths.ts'
import { siteDirectory } from '../home/site.ts'
import { pendingOverrides } from '../releases/pending.ts'

/** The files with other values for a plugin, the last one winning: the one of the runtime home, and the administrator's. */
export function overrideFiles(
  name: string,
  paths: Paths,
  env: NodeJS.ProcessEnv,
): { readonly user: string; readonly site: string } {
  return {
    user: userOverrideFile(name, paths),
    site: join(siteDirectory(env), 'plugins', `${name}.ini`),
  }
}

export function userOverrideFile(name: string, { config }: Paths): string {
  return join(config, 'plugins', `${name}.ini`)
}

/** The plugins that have such a file; undefined where a directory of them does not tell. One look for all plugins. */
export function overriddenPlugins({ config }: Paths, env: NodeJS.ProcessEnv): ReadonlySet<string> | undefined {
  const directories = [join(config, 'plugins'), join(siteDirectory(env), 'plugins')].map(namesIn)
  if (directories.includes(undefined)) return undefined
  return new Set(directories.flatMap((names) => (names ?? []).map((name) => name.replace(/\.ini$/, ''))))
}

function namesIn(directory: string): readonly string[] | undefined {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return []
    // Whoever asks for the files one by one is told why.
    if (isSystemError(error)) return undefined
    throw error
  }
}

export interface Overrides {
  readonly texts: readonly OverrideText[]
  /** A file that is there and cannot be read. */
  readonly problems: readonly Problem[]
}

export const NO_OVERRIDES: Overrides = { texts: [], problems: [] }

/**
 * What these files say now; a file that does not exist says nothing. `user` is what the first one will say once a release
 * that is tried has come into force; null: nothing.
 */
export function readOverrides(name: string, paths: Paths, env: NodeJS.ProcessEnv, user?: string | null): Overrides {
  const problems: Problem[] = []
  const files = overrideFiles(name, paths, env)
  const texts = (['user', 'site'] as const).flatMap((layer) => {
    const file = files[layer]
    const text = layer === 'user' ? userText(file, name, user, paths, problems) : readText(file, problems)
    return text === undefined ? [] : [{ layer, file, text }]
  })
  return { texts, problems }
}

function userText(
  file: string,
  name: string,
  wanted: string | null | undefined,
  { plugins }: Paths,
  problems: Problem[],
): string | undefined {
  if (wanted !== undefined) return wanted ?? undefined
  const written = readText(file, problems)
  const pending = pendingOverrides(plugins, name, written ?? null)
  return pending === undefined ? written : (pending ?? undefined)
}

/** The text of the user's overrides that are in force; null when there are none. Throws Problems when they cannot be read. */
export function userOverrides(name: string, paths: Paths, env: NodeJS.ProcessEnv): string | null {
  return overrideTexts(name, paths, env).find(({ layer }) => layer === 'user')?.text ?? null
}

/** The same for a command that cannot go on without one of them. Throws Problems. */
export function overrideTexts(name: string, paths: Paths, env: NodeJS.ProcessEnv): readonly OverrideText[] {
  const { texts, problems } = readOverrides(name, paths, env)
  if (problems.length > 0) throw new Problems(problems)
  return texts
}

/** The overrides for the plugin in a directory, by the name in its label; none when it has no right one. */
export function readOverridesOf(home: string, paths: Paths, env: NodeJS.ProcessEnv): Overrides {
  const file = join(home, '.layerapi2_label')
  const text = readText(file, [])
  const label = text === undefined ? undefined : readLabel({ file, text })
  return label !== undefined && 'name' in label ? readOverrides(label.name, paths, env) : NO_OVERRIDES
}
