import type { AppType } from '../../src/runtime/app-type.ts'

/** The types that are measured, with the template each is made from and the path its application answers at. */
export const TYPES = {
  python3_sync: { template: 'default' },
  gunicorn3_sync: { template: 'default' },
  aiohttp: { template: 'default' },
  gunicorn3_asyncio: { template: 'default' },
  python3_asgi: { template: 'python3_raw_asgi' },
  python3_tornado: { template: 'python3_tornado' },
  node: { template: 'node' },
  static: { template: 'static' },
  php: { template: 'php' },
  command: { template: 'command' },
  // The same two types with a server that listens on a port (on-port.ts).
  node_on_port: { template: 'node' },
  command_on_port: { template: 'command' },
} as const satisfies Partial<Record<AppType | `${AppType}_on_port`, { readonly template: string }>>

export type MeasuredType = keyof typeof TYPES
export const TYPE_NAMES = Object.keys(TYPES) as readonly MeasuredType[]

/** One way to serve the application of one type. */
export interface Served {
  readonly type: MeasuredType
  readonly by: string
  readonly url: string
  /** The processes that run the application, by those that lead their sessions; of `static`, nginx. */
  readonly leaders: () => Promise<readonly number[]>
}

/** The name of the plugin of a type, which is its path as well. */
export function nameOf(type: MeasuredType): string {
  return `b-${type.replaceAll('_', '-')}`
}

/** The same for all, so that the same requests are measured. */
export function pathOf(type: MeasuredType): string {
  return type === 'static' ? `/${nameOf(type)}/index.html` : `/${nameOf(type)}`
}
