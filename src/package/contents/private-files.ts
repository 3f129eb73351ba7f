import ignore from 'ignore'

/** What belongs to the machine where a release is made, and to no other. */
export type Private = 'secrets' | 'data' | 'logs' | 'caches'

const NAMES: Readonly<Record<Private, readonly string[]>> = {
  secrets: ['.env', '.env.local', '.env.*.local', '.npmrc', '.yarnrc', '.yarnrc.yml', '.pypirc', '.netrc', '/auth.json'],
  data: ['*.sqlite3', '*.sqlite', '*.db'].flatMap((name) => [name, `${name}-journal`, `${name}-wal`, `${name}-shm`]),
  logs: ['*.log', 'npm-debug.log*'],
  caches: [
    ...['__pycache__/', '*.pyc', '.pytest_cache/', '.mypy_cache/', '.ruff_cache/', '.hypothesis/', '.tox/', '.nox/', '.venv/'],
    ...['.coverage', '.eggs/', '.ipynb_checkpoints/', '.nyc_output/', '**/.next/cache/', '**/.nuxt/cache/', '**/.angular/cache/'],
    ...['.parcel-cache/', '.turbo/', '.vite/', '.cache/', '.gradle/', '.eslintcache', '.stylelintcache', '*.tsbuildinfo'],
    ...['.svn/', '.hg/', '.DS_Store', '*.swp'],
  ],
}

const RULES = Object.entries(NAMES).map(([kind, names]) => ({
  kind: kind as Private,
  rules: ignore({ ignoreCase: false }).add(names),
}))

/** `path` is relative, without `..`, and ends in `/` for a directory. */
export function privateKind(path: string): Private | undefined {
  return RULES.find(({ rules }) => rules.ignores(path))?.kind
}
