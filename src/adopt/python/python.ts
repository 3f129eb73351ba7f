import { type Candidate, candidate, type Fact, fact, type NewFile } from '../candidate.ts'
import { type AppTree, baseName, directoryOf, firstLineLike, hasDirectory, type Line } from '../tree.ts'
import { pythonDependencies } from './dependencies.ts'
import { PYTHON_FRAMEWORKS, type PythonFramework } from './frameworks.ts'
import { assignedCalls, calls, factories, imports, modulePlace, pathKeys, pythonFiles } from './modules.ts'

/** The file that is written beside an application that only a function makes. */
export const CALLER = 'mfserv_app.py'

/** An application of a framework, where it was found. */
interface Entry {
  readonly file: string
  readonly line: Line
  readonly is:
    | { readonly a: 'variable'; readonly name: string }
    /** A function that makes it. */
    | { readonly a: 'factory'; readonly name: string; readonly bare: boolean }
}

/** Every Python application there is, one for each framework. */
export function pythonCandidates(tree: AppTree): readonly Candidate[] {
  const files = pythonFiles(tree)
  const found = PYTHON_FRAMEWORKS.flatMap((framework) => {
    const entries = files.flatMap((file) => entriesIn(tree, file, framework))
    const [entry, ...others] = entries
    return entry === undefined ? [] : [{ framework, entry, others }]
  })
  const [one] = found
  if (one !== undefined) {
    const gateway = found.length === 1 ? gatewayEntry(tree, one.framework) : undefined
    return found.map(({ framework, entry, others }) =>
      gateway === undefined
        ? frameworkCandidate(tree, framework, entry, others)
        : frameworkCandidate(tree, framework, gateway, []),
    )
  }
  return bareCandidates(tree)
}

function entriesIn(tree: AppTree, file: string, framework: PythonFramework): readonly Entry[] {
  if (imports(tree, file, framework.module) === undefined) return []
  const variables = assignedCalls(tree, file)
    .filter(({ called }) => framework.made.test(called))
    .map(({ name, line }): Entry => ({ file, line, is: { a: 'variable', name } }))
  if (variables.length > 0) return variables
  if (!calls(tree, file).some(({ first }) => framework.made.test(first))) return []
  return factories(tree, file).map(({ name, line, bare }) => ({ file, line, is: { a: 'factory', name, bare } }))
}

/** What stands in a `wsgi.py` or `asgi.py`: it is there to be served. */
function gatewayEntry(tree: AppTree, { type }: Pick<PythonFramework, 'type'>): Entry | undefined {
  if (type !== 'python3_asgi' && type !== 'python3_sync') return undefined
  const name = type === 'python3_asgi' ? 'asgi.py' : 'wsgi.py'
  return pythonFiles(tree)
    .filter((path) => baseName(path) === name)
    .flatMap((file) => boundIn(tree, file) ?? [])[0]
}

/** `application` or `app`, by an assignment or an import. */
function boundIn(tree: AppTree, file: string): Entry | undefined {
  for (const name of ['application', 'app']) {
    const pattern = new RegExp(
      `^(?:${name}\\b\\s*(?::[^=]+)?=|from\\s+[\\w.]+\\s+import\\s+(?:[^#]*\\W)?${name}\\s*(?:,|\\)|#|$)|(?:async\\s+)?def\\s+${name}\\()`,
    )
    const line = firstLineLike(tree, file, pattern)
    if (line !== undefined) return { file, line, is: { a: 'variable', name } }
  }
  return undefined
}

/** A `wsgi.py` or `asgi.py` of no framework that is known. */
function bareCandidates(tree: AppTree): readonly Candidate[] {
  const kinds = [
    { kind: 'wsgi', framework: 'WSGI', type: 'python3_sync' },
    { kind: 'asgi', framework: 'ASGI', type: 'python3_asgi' },
  ] as const
  return kinds.flatMap(({ kind, framework, type }) => {
    const entry = gatewayEntry(tree, { type })
    if (entry === undefined) return []
    const place = modulePlace(tree, entry.file)
    return [
      pythonCandidate(tree, { kind, framework, type, packages: [] }, `${place.module}:${entry.is.name}`, entry, {
        values: pathKeys(place),
      }),
    ]
  })
}

function frameworkCandidate(tree: AppTree, framework: PythonFramework, entry: Entry, further: readonly Entry[]): Candidate {
  const place = modulePlace(tree, entry.file)
  const { mainArg, files, notes } = entryOf(framework, entry, place.module)
  const others = [...new Set(further.map(({ file }) => file))].filter((file) => file !== entry.file)
  const statics = staticFiles(tree, framework, entry)
  return pythonCandidate(tree, { ...framework, packages: [framework.package] }, mainArg, entry, {
    values: { ...pathKeys(place), ...statics.values },
    facts: [...statics.facts, ...ownPort(tree, entry.file)],
    files,
    notes: [
      ...notes,
      ...(others.length === 0
        ? []
        : [`${framework.framework} is used in ${others.slice(0, 5).join(', ')} too. main_arg says which one is served.`]),
    ],
  })
}

interface PythonKind extends Pick<Candidate, 'kind' | 'framework' | 'type'> {
  readonly packages: readonly string[]
}

function pythonCandidate(
  tree: AppTree,
  { kind, framework, type, packages }: PythonKind,
  mainArg: string,
  entry: Entry,
  more: Partial<Candidate>,
): Candidate {
  const dependencies = pythonDependencies(tree, packages)
  return candidate({
    kind,
    framework,
    type,
    rank: 'server',
    values: { main_arg: mainArg, static_routing: '0', ...more.values },
    facts: [
      fact('framework', framework, `${entry.line.place}  ${entry.line.text}`),
      fact('entry point', mainArg, entry.line.place),
      ...dependencies.facts,
      ...(more.facts ?? []),
    ],
    notes: [...(more.notes ?? []), ...dependencies.notes],
    files: [...(more.files ?? []), ...dependencies.files],
    watched: ['*.html', '*.jinja', '*.jinja2', '*.j2'],
  })
}

interface EntryText {
  readonly mainArg: string
  readonly files: readonly NewFile[]
  readonly notes: readonly string[]
}

function entryOf(framework: PythonFramework, { file, is }: Entry, module: string): EntryText {
  const direct = { files: [], notes: [] }
  if (is.a === 'variable' && framework.callable === undefined) return { mainArg: `${module}:${is.name}`, ...direct }
  if (is.a === 'factory' && framework.takesFactory && is.bare) return { mainArg: `${module}:${is.name}`, ...direct }
  const made = is.a === 'variable' ? is.name : `${is.name}()`
  const text = [
    `# mfserv serves the "app" of this file. Written by "mfserv adopt"; change it as you like.`,
    `from ${module} import ${is.name}`,
    '',
    `app = ${made}${framework.callable === undefined ? '' : `.${framework.callable}`}`,
    '',
  ].join('\n')
  const notes =
    is.a === 'factory' && !is.bare
      ? [`${is.name} in ${file} takes arguments: write them into ${CALLER}, in the line "app = …".`]
      : []
  return { mainArg: `${CALLER.replace('.py', '')}:app`, files: [{ path: CALLER, text }], notes }
}

/** Flask finds its static files beside the module that makes it; nginx serves them there as well. */
function staticFiles(tree: AppTree, { kind }: PythonFramework, { file, line }: Entry): Pick<Candidate, 'values' | 'facts'> {
  const directory = directoryOf(file)
  const statics = directory === '' ? 'static' : `${directory}/static`
  if (kind !== 'flask' || /static_(?:url_path|folder)/.test(line.text) || !hasDirectory(tree, statics))
    return { values: {}, facts: [] }
  const because = `nginx serves ${statics}/ as Flask does, at /static below the URL of the app`
  const keys: Readonly<Record<string, string>> = directory === '' ? {} : { directory }
  return { values: { ...keys, static_routing: '1' }, facts: [fact('static files', `${statics}/`, because)] }
}

/** Where the file would listen by itself: nobody starts it that way here. */
function ownPort(tree: AppTree, file: string): readonly Fact[] {
  const line = firstLineLike(tree, file, /(?:\.run|run_app|\.listen)\(.{0,100}?(?:port\s*=\s*|\()(\d{2,5})\b/)
  if (line === undefined) return []
  return [
    fact(
      'port',
      'none of its own is needed',
      `${line.place} listens on ${line.first} when run by hand; mfserv gives it a socket`,
    ),
  ]
}
