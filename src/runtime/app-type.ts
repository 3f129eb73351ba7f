/** Every type an app can have, as `type` of its section names it. */
export const APP_TYPES = [
  'python3_sync',
  'python2_sync',
  'aiohttp',
  'gunicorn3_sync',
  'gunicorn2_sync',
  'gunicorn3_asyncio',
  'node',
  'static',
  'php',
  'command',
  'python3_asgi',
  'python3_tornado',
] as const

export type AppType = (typeof APP_TYPES)[number]

export function isAppType(text: string): text is AppType {
  return APP_TYPES.some((type) => type === text)
}
