import { pathsOf, runtimeHome } from '../../host/home/paths.ts'
import { ensureNginx } from '../../host/nginx/install.ts'
import { ensurePython } from '../../host/programs/python-framework.ts'
import { progress, type Result } from '../output.ts'

export async function run(): Promise<Result> {
  const paths = pathsOf(runtimeHome())
  const nginx = await ensureNginx(paths, progress)
  const python = await ensurePython(paths, progress)
  return { data: { nginx: nginx.path, python3: python.python3, uv: python.uv ?? null }, text: '' }
}
