/** Directories that a build, an installation or a tool makes, wherever they are. */
const MADE_AGAIN: ReadonlySet<string> = new Set([
  ...['node_modules', 'bower_components', 'vendor', '__pycache__', 'site-packages', 'local'],
  ...['venv', 'env', 'virtualenv', 'htmlcov', 'coverage'],
])

/** Whether nobody writes what is in a directory of that name. */
export function isMadeAgain(name: string): boolean {
  return MADE_AGAIN.has(name)
}
