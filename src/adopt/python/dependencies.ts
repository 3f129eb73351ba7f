import { type Fact, fact, type NewFile } from '../candidate.ts'
import { type AppTree, firstLineLike, firstOf } from '../tree.ts'

/** What the application says of the packages it needs. */
export interface Dependencies {
  readonly facts: readonly Fact[]
  readonly notes: readonly string[]
  readonly files: readonly NewFile[]
}

/** Files of tools that mfserv does not read, and what makes one of them that it reads. */
const OF_OTHER_TOOLS: Readonly<Record<string, string>> = {
  Pipfile: 'pipenv requirements > requirements.txt',
  'poetry.lock': 'poetry export -o requirements.txt',
  'environment.yml': 'pip freeze > requirements.txt, in the environment that it is developed in',
  'setup.py': 'echo . > requirements.txt',
}

/** `packages`: what the application needs at least, for one that says nothing. */
export function pythonDependencies(tree: AppTree, packages: readonly string[]): Dependencies {
  const python = pythonVersion(tree)
  const read = readFile(tree)
  if (read !== undefined) return { facts: [fact('dependencies', read.path, read.because), ...python], notes: [], files: [] }
  const other = firstOf(tree, Object.keys(OF_OTHER_TOOLS))
  const path = 'python3_virtualenv_sources/requirements-to-freeze.txt'
  const text = `# The Python packages this application needs, one a line.\n${packages.map((name) => `${name}\n`).join('')}`
  const files = packages.length === 0 ? [] : [{ path, text }]
  const only = packages.length === 0 ? '' : ` Only ${packages.join(' and ')} will be installed, by ${path}.`
  const notes =
    other === undefined
      ? packages.length === 0
        ? []
        : [`No file says which packages it needs.${only} Add the others there.`]
      : [`${other} is not read.${only} To install all it needs, make a requirements.txt: ${OF_OTHER_TOOLS[other]}`]
  return {
    facts: [...files.map((file) => fact('dependencies', file.path, 'written, since no file says them')), ...python],
    notes,
    files,
  }
}

function readFile(tree: AppTree): { readonly path: string; readonly because: string } | undefined {
  const project = firstLineLike(tree, 'pyproject.toml', /^\s*\[\s*project\s*\]/)
  const sources = firstOf(tree, ['python3_virtualenv_sources/requirements-to-freeze.txt'])
  if (sources !== undefined) return { path: sources, because: 'it is there' }
  if (project !== undefined) {
    const lock = tree.files.has('uv.lock') ? ', with the versions of uv.lock' : ''
    return { path: 'pyproject.toml', because: `${project.place} [project]${lock}` }
  }
  const requirements = firstOf(tree, ['requirements.txt'])
  return requirements === undefined ? undefined : { path: requirements, because: 'it is there' }
}

function pythonVersion(tree: AppTree): readonly Fact[] {
  const pinned = firstLineLike(tree, '.python-version', /^\s*([\w.+-]+)\s*$/)
  const wanted = firstLineLike(tree, 'pyproject.toml', /^\s*requires-python\s*=\s*["']([^"']+)["']/)
  const line = pinned ?? wanted
  return line === undefined ? [] : [fact('interpreter', `Python ${line.first}`, line.place)]
}

/** Whether the application names that package among those it needs. */
export function namesPackage(tree: AppTree, name: string): boolean {
  const inList = new RegExp(`^\\s*["']?${name}\\b`, 'i')
  return ['requirements.txt', 'pyproject.toml', 'Pipfile'].some((file) => firstLineLike(tree, file, inList) !== undefined)
}
