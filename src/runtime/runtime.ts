import { aiohttp } from './aiohttp.ts'
import type { AppType } from './app-type.ts'
import { command } from './command.ts'
import type { Runtime } from './contract.ts'
import { gunicorn2Sync } from './gunicorn2_sync.ts'
import { gunicorn3Asyncio } from './gunicorn3_asyncio.ts'
import { gunicorn3Sync } from './gunicorn3_sync.ts'
import { node } from './node.ts'
import { php } from './php.ts'
import { python2Sync } from './python2_sync.ts'
import { python3Asgi } from './python3_asgi.ts'
import { python3Sync } from './python3_sync.ts'
import { python3Tornado } from './python3_tornado.ts'
import { staticFiles } from './static.ts'

/** What each type means. The one table; everything else reads it. */
export const RUNTIMES = {
  python3_sync: python3Sync,
  python2_sync: python2Sync,
  aiohttp,
  gunicorn3_sync: gunicorn3Sync,
  gunicorn2_sync: gunicorn2Sync,
  gunicorn3_asyncio: gunicorn3Asyncio,
  node,
  static: staticFiles,
  php,
  command,
  python3_asgi: python3Asgi,
  python3_tornado: python3Tornado,
} as const satisfies Record<AppType, Runtime>
