import type { AppReport } from '../../control/protocol.ts'
import { ANSWER_WITHIN_MS, type Answered, type Answers, type Reach, urlsOf } from '../../control/reachable.ts'
import { request as httpRequest } from '../../host/process/http.ts'

/** Asks every URL of the apps once, as a browser would that knows their hosts; nothing when nginx does not serve them. */
export async function askUrls(
  apps: readonly Pick<AppReport, 'url' | 'urls' | 'isServed'>[],
  reach: Reach | undefined,
): Promise<Answers> {
  if (reach?.is !== 'served') return new Map()
  const { at = '127.0.0.1' } = reach
  const urls = apps.filter(({ isServed }) => isServed).flatMap((app) => urlsOf(app).map(({ url }) => url))
  return new Map(await Promise.all(urls.map(async (url) => [url, await answered(url, at)] as const)))
}

/** A front page that stands at the URL with the slash is told of there. */
async function answered(url: string, at: string): Promise<Answered | undefined> {
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
  const first = await ask(url, at, signal)
  if (first === undefined || url.endsWith('/') || !isWithSlash(first, url))
    return first && { status: first.status, hasSlash: false }
  const second = await ask(`${url}/`, at, signal)
  return second && { status: second.status, hasSlash: true }
}

interface Head {
  readonly status: number
  readonly location: string | undefined
}

function isWithSlash({ status, location }: Head, url: string): boolean {
  if (status < 300 || status >= 400 || location === undefined || !URL.canParse(location, url)) return false
  return new URL(location, url).pathname === `${new URL(url).pathname}/`
}

/** At this machine, whatever the name of the host: nobody's name server has to know it. */
function ask(url: string, at: string, signal: AbortSignal): Promise<Head | undefined> {
  const { protocol, port, host, pathname } = new URL(url)
  const request = protocol === 'https:' ? process.getBuiltinModule('node:https').request : httpRequest
  const headers = { Host: host, Connection: 'close', 'User-Agent': 'mfserv-front-page', Accept: 'text/html,*/*;q=0.8' }
  // The certificate is for the name of the machine, not for this address.
  const options = { host: at, port, path: pathname, headers, agent: false, signal, rejectUnauthorized: false } as const
  return new Promise((resolve) => {
    const asked = request(options, (response) => {
      // The body does not matter, and may have no end.
      response.destroy()
      resolve({ status: response.statusCode ?? 0, location: response.headers.location })
    })
    asked.on('error', () => resolve(undefined))
    asked.end()
  })
}
