import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Variables } from '../../config/variables.ts'
import type { SourceFile } from '../../plugin/layer-files.ts'
import { type ParsedPlugin, parsePlugin } from '../../plugin/parse.ts'
import type { OverrideText } from '../../plugin/rewrite/overrides.ts'
import { Problem } from '../../problem.ts'
import { readText, unreadable } from '../disk/read-text.ts'

/**
 * The plugin in a directory, or every problem with it. `home` is its absolute path, which problems show. Synchronous: the
 * files are few and small, and a listing of many plugins is quicker so. `overrides` are the administrator's values for it.
 */
export function readPlugin(home: string, variables: Variables, overrides: readonly OverrideText[] = []): ReadPlugin {
  const looked = { places: [home], files: FILES.map((file) => join(home, file)) }
  const parsed = read(home, variables, overrides, {
    present: (path) => {
      looked.places.push(join(home, path))
      return existsSync(join(home, path))
    },
    text: (path, problems) => {
      looked.files.push(join(home, path))
      return readText(join(home, path), problems)
    },
  })
  return { ...parsed, looked }
}

/** What of the disk something was made from, there or not. Absolute. */
export interface Looked {
  /** Only whether they are there, and where links lead. */
  readonly places: readonly string[]
  /** What is in them too. */
  readonly files: readonly string[]
}

export interface ReadPlugin extends ParsedPlugin {
  readonly looked: Looked
}

const FILES = ['.layerapi2_label', 'config.ini', '.layerapi2_dependencies', '.layerapi2_extra_env', 'crontab'] as const

/**
 * The same for a plugin that is not built yet: files that its postinstall or its build has still to make are not missed.
 * `unfinished`: nor are those that something else will make.
 */
export function readSources(
  home: string,
  variables: Variables,
  overrides: readonly OverrideText[] = [],
  unfinished = false,
): ParsedPlugin {
  const strict = readPlugin(home, variables, overrides)
  if (!strict.problems.some(({ code }) => code === 'PLUGIN_FILE_MISSING')) return strict
  const finished = read(home, variables, overrides, {
    present: () => true,
    text: (path, problems) => readText(join(home, path), problems) ?? '',
  })
  return unfinished || postinstallOf(home) === 'executable' || finished.plugin?.build !== undefined ? finished : strict
}

/** The script of a plugin that makes some of its files where it is installed. */
export const POSTINSTALL = 'postinstall'

export function postinstallOf(home: string): 'absent' | 'executable' | 'not executable' {
  const stat = statSync(join(home, POSTINSTALL), { throwIfNoEntry: false })
  if (stat?.isFile() !== true) return 'absent'
  return (stat.mode & 0o111) === 0 ? 'not executable' : 'executable'
}

/** A plugin of whose files only some count: those that a release will have. */
export function readPart(home: string, variables: Variables, isIn: (path: string) => boolean): ParsedPlugin {
  return read(home, variables, [], {
    present: isIn,
    text: (path, problems) => (isIn(path) ? readText(join(home, path), problems) : undefined),
  })
}

/** How the files are looked at that config.ini names. */
interface NamedFiles {
  readonly present: (path: string) => boolean
  readonly text: (path: string, problems: Problem[]) => string | undefined
}

function read(home: string, variables: Variables, overrides: readonly OverrideText[], named: NamedFiles): ParsedPlugin {
  const problems: Problem[] = []
  if (!isDirectory(home, problems)) {
    if (problems.length > 0) return refused(problems)
    const fix = 'Give the directory that holds the .layerapi2_label of the plugin.'
    return refused([new Problem('PLUGIN_DIRECTORY', `${home} is not a directory`, fix, { file: home })])
  }
  const [label, configIni, dependencies, extraEnv, crontab] = FILES.map((name) => sourceFile(home, name, problems))
  if (label === undefined && configIni === undefined && problems.length === 0) {
    const fix = 'Give the directory of a plugin, or make one with: bootstrap_plugin.py create NAME'
    return refused([new Problem('PLUGIN_DIRECTORY', `${home} is not a plugin: it has no config.ini`, fix, { file: home })])
  }
  if (label === undefined || configIni === undefined) return refused([...problems, ...missing(home, label, configIni, problems)])
  const tree = { home, present: named.present, text: (path: string) => named.text(path, problems) }
  const parsed = parsePlugin({ label, configIni, dependencies, extraEnv, crontab }, tree, variables, overrides)
  return problems.length === 0 ? parsed : refused([...problems, ...parsed.problems])
}

function refused(problems: readonly Problem[]): ParsedPlugin {
  return { plugin: undefined, problems }
}

function missing(
  home: string,
  label: SourceFile | undefined,
  configIni: SourceFile | undefined,
  unreadable: readonly Problem[],
): readonly Problem[] {
  const known = new Set(unreadable.map(({ where }) => where?.file))
  const [labelFile, iniFile] = [join(home, '.layerapi2_label'), join(home, 'config.ini')]
  return [
    ...(label === undefined && !known.has(labelFile)
      ? [
          new Problem('PLUGIN_LABEL', `there is no ${labelFile}`, 'Create it with one line: plugin_<name>@mfserv', {
            file: labelFile,
          }),
        ]
      : []),
    ...(configIni === undefined && !known.has(iniFile)
      ? [
          new Problem('PLUGIN_FILE_MISSING', `there is no ${iniFile}`, 'Create it, with a section [general] at least.', {
            file: iniFile,
          }),
        ]
      : []),
  ]
}

function sourceFile(home: string, name: string, problems: Problem[]): SourceFile | undefined {
  const file = join(home, name)
  const text = readText(file, problems)
  return text === undefined ? undefined : { file, text }
}

/** Whether there is such a directory; a path that cannot be followed is added to `problems`. */
function isDirectory(path: string, problems: Problem[]): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  } catch (cause) {
    problems.push(unreadable(path, cause))
    return false
  }
}
