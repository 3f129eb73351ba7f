import type { AppType } from '../../runtime/app-type.ts'

/** A Python framework, and how code that uses it is known. */
export interface PythonFramework {
  readonly kind: string
  readonly framework: string
  readonly type: AppType
  /** The name under which it is imported. */
  readonly module: string
  /** What makes an application of it, as it is written behind the `=`, without the parenthesis. */
  readonly made: RegExp
  /** The package that has it. */
  readonly package: string
  /** The type takes a function that returns the application as well. */
  readonly takesFactory?: true
  /** What the application has below its name that the server calls. */
  readonly callable?: string
}

/** In the order in which they are named. */
export const PYTHON_FRAMEWORKS: readonly PythonFramework[] = [
  known('flask', 'Flask', 'python3_sync', 'flask', /^(?:flask\.)?Flask$/, 'flask'),
  known('fastapi', 'FastAPI', 'python3_asgi', 'fastapi', /^(?:fastapi\.)?FastAPI$/, 'fastapi'),
  known('starlette', 'Starlette', 'python3_asgi', 'starlette', /^(?:[\w.]+\.)?Starlette$/, 'starlette'),
  known('quart', 'Quart', 'python3_asgi', 'quart', /^(?:quart\.)?Quart$/, 'quart'),
  known('litestar', 'Litestar', 'python3_asgi', 'litestar', /^(?:litestar\.)?Litestar$/, 'litestar'),
  known('falcon', 'Falcon', 'python3_sync', 'falcon', /^(?:falcon\.)?(?:App|API)$/, 'falcon'),
  known('falcon-asgi', 'Falcon (ASGI)', 'python3_asgi', 'falcon', /^falcon\.asgi\.App$/, 'falcon'),
  known('bottle', 'Bottle', 'python3_sync', 'bottle', /^(?:bottle\.)?(?:Bottle|default_app)$/, 'bottle'),
  known('pyramid', 'Pyramid', 'python3_sync', 'pyramid', /^\w+\.make_wsgi_app$/, 'pyramid'),
  { ...known('dash', 'Dash', 'python3_sync', 'dash', /^(?:dash\.)?Dash$/, 'dash'), callable: 'server' },
  { ...known('aiohttp', 'aiohttp', 'aiohttp', 'aiohttp', /^(?:aiohttp\.)?web\.Application$/, 'aiohttp'), takesFactory: true },
  known('tornado', 'Tornado', 'python3_tornado', 'tornado', /^(?:(?:tornado\.)?web\.)?Application$/, 'tornado'),
]

function known(
  kind: string,
  framework: string,
  type: AppType,
  module: string,
  made: RegExp,
  packageName: string,
): PythonFramework {
  return { kind, framework, type, module, made, package: packageName }
}
