import { type Candidate, candidate, fact } from '../candidate.ts'
import { type AppTree, baseName, depthOf, directoryOf, firstLineLike, firstLineOf, firstOf, type Line } from '../tree.ts'
import { namesPackage, pythonDependencies } from './dependencies.ts'

/** Settings for nothing but collecting the static files of a project that does not say where they go. */
const COLLECTING = 'mfserv_collectstatic'
/** Below the directory of `manage.py`; nginx serves it. */
const COLLECTED = 'static_collected'

/** A Django project, by its `manage.py`. */
export function djangoCandidates(tree: AppTree): readonly Candidate[] {
  const manage = [...tree.files]
    .filter((file) => baseName(file) === 'manage.py' && depthOf(file) <= 3)
    .sort((one, other) => depthOf(one) - depthOf(other))
  return manage.slice(0, 1).flatMap((file) => {
    const line = firstLineLike(tree, file, /DJANGO_SETTINGS_MODULE["'\]]+\s*[,=]\s*["']([\w.]+)["']/)
    return line === undefined ? [] : [project(tree, file, line)]
  })
}

function project(tree: AppTree, manage: string, settingsLine: Line): Candidate {
  const home = directoryOf(manage)
  const settings = settingsLine.first
  const at = home === '' ? '' : `${home}/`
  const settingsFile = settingsFiles(tree, at, settings)
  const entry = entryOf(tree, at, settings, settingsFile)
  const statics = staticFiles(tree, at, settings, settingsFile)
  const dependencies = pythonDependencies(tree, ['django'])
  return candidate({
    kind: 'django',
    framework: 'Django',
    rank: 'server',
    type: entry.type,
    values: {
      main_arg: entry.mainArg,
      ...(home === '' ? { directory: '.' } : { directory: home, add_app_dir_to_python_path: '1' }),
      ...statics.values,
    },
    build: statics.build,
    facts: [
      fact('framework', 'Django', `${settingsLine.place} names the settings ${settings}`),
      fact('entry point', entry.mainArg, entry.because),
      ...dependencies.facts,
      ...statics.facts,
    ],
    notes: [
      ...hostNotes(tree, settingsFile),
      ...statics.notes,
      `The tables of its database are made by: plugin_wrapper --cwd {name} -- python ${manage} migrate`,
      ...dependencies.notes,
    ],
    files: [...statics.files, ...dependencies.files],
    watched: ['*.html'],
  })
}

/** The files that may say a setting: the module itself, and the base that settings of several machines share. */
function settingsFiles(tree: AppTree, at: string, settings: string): readonly string[] {
  const path = `${at}${settings.replaceAll('.', '/')}`
  const directory = directoryOf(path)
  return [`${path}.py`, `${path}/__init__.py`, `${path}/base.py`, `${directory}/base.py`, `${directory}/common.py`].filter(
    (file) => tree.files.has(file),
  )
}

interface DjangoEntry {
  readonly type: 'python3_sync' | 'python3_asgi'
  readonly mainArg: string
  readonly because: string
}

/** ASGI only where the project needs it: Django itself is quicker without. */
function entryOf(tree: AppTree, at: string, settings: string, files: readonly string[]): DjangoEntry {
  const asgi = firstLineOf(tree, files, /^ASGI_APPLICATION\s*=\s*["']([\w.]+)\.(\w+)["']/)
  const needed = ['channels', 'daphne'].find((name) => namesPackage(tree, name))
  if (asgi !== undefined && needed !== undefined)
    return {
      type: 'python3_asgi',
      mainArg: `${asgi.first}:${asgi.second}`,
      because: `${asgi.place}, and it needs ${needed}`,
    }
  const wsgi = firstLineOf(tree, files, /^WSGI_APPLICATION\s*=\s*["']([\w.]+)\.(\w+)["']/)
  if (wsgi !== undefined) return { type: 'python3_sync', mainArg: `${wsgi.first}:${wsgi.second}`, because: wsgi.place }
  const first = settings.replace(/\..*/, '')
  const file =
    firstOf(tree, [`${at}${first}/wsgi.py`]) ?? [...tree.files].find((path) => path.startsWith(at) && path.endsWith('/wsgi.py'))
  const module = file === undefined ? `${first}.wsgi` : file.slice(at.length).replace(/\.py$/, '').replaceAll('/', '.')
  return { type: 'python3_sync', mainArg: `${module}:application`, because: file ?? 'as django-admin startproject writes it' }
}

type Statics = Pick<Candidate, 'values' | 'build' | 'facts' | 'notes' | 'files'>

/** A directory of the project itself: one name behind its base. An absolute path is not, unless it is added to the base. */
const OWN_STATIC_ROOT = /^STATIC_ROOT\s*=(?!.*\bparent\b)[^"'#]*?(?:["']|\+\s*["']\/)([\w-]+)\/?["']\)*\s*$/

/** Outside of its own development server, Django serves no static file: they are collected by the build, and nginx serves them. */
function staticFiles(tree: AppTree, at: string, settings: string, files: readonly string[]): Statics {
  const none: Statics = { values: { static_routing: '0' }, build: [], facts: [], notes: [], files: [] }
  const used = firstLineOf(tree, files, /["']django\.contrib\.staticfiles["']/)
  if (used === undefined) return none
  const url = firstLineOf(tree, files, /^STATIC_URL\s*=\s*["']([^"']*)["']/)
  const without = (why: string): Statics => ({ ...none, notes: [`${why}: mfserv serves no static files for it.`] })
  if (url === undefined) return without('STATIC_URL was not found in the settings')
  const path = url.first.replace(/^\/|\/$/g, '')
  if (!/^[\w-]+(?:\/[\w-]+)*$/.test(path)) return without(`STATIC_URL is ${url.first} (${url.place})`)
  const root = firstLineOf(tree, files, OWN_STATIC_ROOT)
  const directory = root?.first ?? COLLECTED
  const collect = `python ${at}manage.py collectstatic --noinput${root === undefined ? ` --settings=${COLLECTING}` : ''}`
  const text = [
    `# Used by "collectstatic" alone, since the settings of the project have no STATIC_ROOT of its own. Written by "mfserv adopt".`,
    'from pathlib import Path',
    '',
    `from ${settings} import *  # noqa: F403`,
    '',
    `STATIC_ROOT = Path(__file__).resolve().parent / "${COLLECTED}"`,
    '',
  ].join('\n')
  const because = `${(root ?? used).place}; nginx serves them at /${path}`
  return {
    values: { static_routing: '1', static_url_prefix: `/${path}`, static_directory: `/${directory}` },
    build: [collect],
    facts: [
      fact('static files', `${at}${directory}/`, because),
      fact('build', collect, 'it collects the static files of every application'),
    ],
    notes: url.first.startsWith('/')
      ? [
          `STATIC_URL begins with / (${url.place}), so its links leave the prefix of the plugin. "${path}/" without it follows the prefix; a virtual host needs no change.`,
        ]
      : [],
    files: root === undefined ? [{ path: `${at}${COLLECTING}.py`, text }] : [],
  }
}

function hostNotes(tree: AppTree, files: readonly string[]): readonly string[] {
  const hosts = firstLineOf(tree, files, /^ALLOWED_HOSTS\s*=\s*\[\s*\]/)
  return hosts === undefined
    ? []
    : [`ALLOWED_HOSTS is empty (${hosts.place}): with DEBUG on, Django answers at localhost alone, with DEBUG off nowhere.`]
}
