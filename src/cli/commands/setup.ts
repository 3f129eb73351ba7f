import { didYouMeanElse } from '../../config/nearest.ts'
import { pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { ensureNginx } from '../../host/nginx/install.ts'
import { ensureLua } from '../../host/nginx/install-lua.ts'
import { ensurePhpFpm } from '../../host/programs/php-fpm.ts'
import { ensurePython } from '../../host/programs/python-framework.ts'
import { ensureRedis } from '../../host/programs/redis.ts'
import { Problem } from '../../problem.ts'
import { progress, type Result } from '../output.ts'

interface SetupOptions {
  readonly with?: string
}

/** What only some plugins need: installed for those who ask. */
const MORE = ['redis', 'lua', 'php'] as const

export async function run(_args: readonly [], options: SetupOptions): Promise<Result> {
  const wanted = wantedOf(options.with ?? '')
  const paths = pathsOf(runtimeHome())
  const nginx = await ensureNginx(paths, progress)
  if (wanted.has('lua')) await ensureLua(paths, progress)
  const python = await ensurePython(paths, progress)
  const redis = wanted.has('redis') ? await ensureRedis(process.env, paths, progress) : undefined
  const php = wanted.has('php') ? await ensurePhpFpm(process.env, paths, progress) : undefined
  const found = { nginx: nginx.path, python3: python.python3, uv: python.uv ?? null }
  return { data: { ...found, ...named('redis', redis?.path), ...named('php', php?.path) }, text: '' }
}

function wantedOf(text: string): ReadonlySet<string> {
  const names = text.split(',').map((name) => name.trim())
  const wanted = names.filter((name) => name !== '')
  const unknown = wanted.find((name) => !MORE.some((known) => known === name))
  if (unknown === undefined) return new Set(wanted)
  const fix = didYouMeanElse(unknown, MORE, `write one of ${MORE.join(', ')}`)
  throw new Problem('USAGE', `--with is "${unknown}", which mfserv does not install`, fix)
}

function named(name: string, path: string | undefined): Readonly<Record<string, string>> {
  return path === undefined ? {} : { [name]: path }
}
