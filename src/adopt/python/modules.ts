import { type AppTree, baseName, depthOf, directoryOf, firstLineLike, type Line, linesLike } from '../tree.ts'

/** Names that a file with the application often has, the likeliest first. */
const LIKELY: ReadonlyMap<string, number> = new Map(
  ['wsgi.py', 'asgi.py', 'app.py', 'main.py', 'application.py', 'server.py', 'api.py', 'run.py', 'web.py', '__init__.py'].map(
    (name, at) => [name, at],
  ),
)
/** What is not the application, whatever it says. */
const ASIDE =
  /(?:^|\/)(?:tests?|testing|docs?|examples?|samples?|migrations|scripts|benchmarks?|bench|templates|fixtures|dist|build|site-packages|conftest\.py|setup\.py|test_[^/]*|[^/]*_test\.py)(?:\/|$)/
const MOST_FILES = 300

/** The Python files that may begin an application, the likeliest first. */
export function pythonFiles(tree: AppTree): readonly string[] {
  const files = [...tree.files].filter((file) => /^(?:[A-Za-z_]\w*\/)*[A-Za-z_]\w*\.py$/.test(file) && !ASIDE.test(file))
  return files
    .sort((one, other) => depthOf(one) - depthOf(other) || rankOf(one) - rankOf(other) || one.localeCompare(other))
    .slice(0, MOST_FILES)
}

function rankOf(file: string): number {
  return LIKELY.get(baseName(file)) ?? LIKELY.size
}

export function imports(tree: AppTree, file: string, module: string): Line | undefined {
  return firstLineLike(tree, file, new RegExp(`^\\s*(?:from|import)\\s+${module}\\b`))
}

export interface Assigned {
  readonly name: string
  /** What is called: `Flask` of `app = Flask(__name__)`. */
  readonly called: string
  readonly line: Line
}

/** What the file assigns outside of functions from a call. */
export function assignedCalls(tree: AppTree, file: string): readonly Assigned[] {
  return linesLike(tree, file, /^(\w+)(?:\s*:\s*[\w.]+)?\s*=\s*([\w.]+)\(/).map((line) => ({
    name: line.first,
    called: line.second,
    line,
  }))
}

/** Every call in the file, wherever it stands. */
export function calls(tree: AppTree, file: string): readonly Line[] {
  return linesLike(tree, file, /(?:^|[\s=(])([\w.]+)\(/)
}

export interface Factory {
  readonly name: string
  readonly line: Line
  /** It can be called without arguments. */
  readonly bare: boolean
}

/** The functions of the file by whose names people call what makes an application. */
export function factories(tree: AppTree, file: string): readonly Factory[] {
  const named =
    /^(?:async\s+)?def\s+((?:create|make|get|init|build)_(?:\w+_)?(?:app|application|api)|app_factory|application_factory)\s*\(([^)]*)\)?/
  return linesLike(tree, file, named).map((line) => ({
    name: line.first,
    line,
    bare: line.second
      .split(',')
      .map((parameter) => parameter.trim())
      .every((parameter) => parameter === '' || parameter.includes('=') || parameter.startsWith('*')),
  }))
}

/** Where Python has to look for a module, and what it is called there. */
export interface ModulePlace {
  /** Relative to the application; empty for its own directory. */
  readonly home: string
  readonly module: string
}

/** `src/shop/app.py` is `shop.app` in `src`. A directory whose files import each other by their bare names is such a place too. */
export function modulePlace(tree: AppTree, file: string): ModulePlace {
  const directory = directoryOf(file)
  const home = isSourceRoot(tree, file, directory) ? directory : outermostSource(tree, directory)
  const inside = home === '' ? file : file.slice(home.length + 1)
  const module = inside.replace(/\.py$/, '').replace(/(?:^|\/)__init__$/, '')
  return { home, module: module.replaceAll('/', '.') }
}

function isSourceRoot(tree: AppTree, file: string, directory: string): boolean {
  if (directory === '' || tree.files.has(`${directory}/__init__.py`)) return false
  const imported = linesLike(tree, file, /^(?:from|import)\s+(\w+)/).map(({ first }) => first)
  return imported.some((name) => isModule(tree, `${directory}/${name}`) && !isModule(tree, name))
}

function isModule(tree: AppTree, path: string): boolean {
  return tree.files.has(`${path}.py`) || tree.files.has(`${path}/__init__.py`)
}

function outermostSource(tree: AppTree, directory: string): string {
  return (directory === 'src' || directory.startsWith('src/')) && !tree.files.has('src/__init__.py') ? 'src' : ''
}

/** The keys of config.ini by which Python finds what is there. */
export function pathKeys({ home }: ModulePlace): Readonly<Record<string, string>> {
  return home === '' ? { directory: '.' } : { directory: home, add_app_dir_to_python_path: '1' }
}
