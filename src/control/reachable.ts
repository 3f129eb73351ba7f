import type { AppReport, ProblemReport, ServedUrl, StatusReport } from './protocol.ts'
import { problemLines } from './trouble-text.ts'

/** Whether a person reaches what the workers serve. */
export type Reach =
  /** `at`: the address to ask, where it is another than that of the machine itself. */
  | { readonly is: 'served'; readonly at?: string }
  /** nginx is not wanted, or listens on no port: the apps answer on their sockets alone. */
  | { readonly is: 'off'; readonly because: string }
  | { readonly is: 'failed'; readonly problem: ProblemReport }

export function reachable({ url, nginx }: Pick<StatusReport, 'url' | 'nginx'>): Reach {
  if (nginx.state === 'off') return { is: 'off', because: 'nginx is off: [nginx] flag = 0' }
  if (nginx.problem !== undefined) return { is: 'failed', problem: nginx.problem }
  if (nginx.state === 'stopped') return { is: 'failed', problem: DOWN }
  if (url === undefined) return { is: 'off', because: 'nginx listens on no port: [nginx] port = 0' }
  const { hostname } = new URL(url)
  return { is: 'served', ...(hostname === 'localhost' ? {} : { at: hostname.replace(/^\[|\]$/g, '') }) }
}

const DOWN: ProblemReport = {
  code: 'NGINX_DOWN',
  message: 'nginx does not run',
  fix: 'It is started again by itself. Look at log/nginx_error.log in the runtime home, and ask again: mfserv.status',
  file: undefined,
  line: undefined,
}

/** Whether people would reach the apps of a plugin if nginx had not failed. */
export function isCutOff(apps: readonly unknown[], reach: Reach | undefined): boolean {
  return apps.length > 0 && reach?.is === 'failed'
}

export const NO_WORKERS = 'workers is 0: not served'
export const NO_ROUTE = 'no URL leads to it'

type AnsweringApp = Pick<AppReport, 'name' | 'type' | 'url' | 'urls' | 'socket' | 'isServed'>

/** Every URL of an app. Of a daemon that tells only one, nothing more is known of it. */
export function urlsOf({ url, urls }: Pick<AppReport, 'url' | 'urls'>): readonly ServedUrl[] {
  return urls ?? [{ url, prefix: '', canMount: false }]
}

/** What each URL answered when it was asked once; undefined: nothing in time. */
export type Answers = ReadonlyMap<string, Answered | undefined>

export interface Answered {
  readonly status: number
  /** Its page is at the URL with a slash. */
  readonly hasSlash: boolean
}

/** For programs: the status of each URL, null where there was no answer in time. */
export function answersData(answers: Answers): Readonly<Record<string, number | null>> {
  return Object.fromEntries([...answers].map(([url, answered]) => [url, answered?.status ?? null]))
}

/** Where the apps of a plugin whose workers are well answer: their URLs, their sockets, or why nowhere. */
export function answersText(name: string, apps: readonly AnsweringApp[], reach: Reach, answers: Answers = new Map()): string {
  if (apps.length === 0) return `${name} runs. It has no app.`
  switch (reach.is) {
    case 'served': {
      const served = apps.filter((app) => app.isServed && urlsOf(app).length > 0)
      return [
        served.length === 0 ? `${name} runs:` : `${name} answers:`,
        ...served.flatMap((app) => urlsOf(app).map((one) => `  ${urlLine(one, answers)}`)),
        ...apps.filter((app) => !served.includes(app)).map((app) => `  app ${app.name}: ${app.isServed ? NO_ROUTE : NO_WORKERS}`),
      ].join('\n')
    }
    case 'off': {
      const sockets = apps.flatMap(({ socket }) => (socket === undefined ? [] : [`  ${socket}`]))
      return [
        `${name} runs, but it has no URL. ${reach.because}`,
        ...(sockets.length === 0 ? [] : ['It answers on:', ...sockets]),
      ].join('\n')
    }
    case 'failed':
      return [`${name} runs, but nginx does not serve it:`, ...problemLines([reach.problem], '  ')].join('\n')
    default:
      return reach satisfies never
  }
}

/** The URL as a person opens it, and what is wrong with its answer. */
function urlLine({ url, prefix, canMount, canHaveFront }: ServedUrl, answers: Answers): string {
  if (!answers.has(url)) return url
  const answered = answers.get(url)
  if (answered === undefined) return `${url}  gives no answer within ${ANSWER_WITHIN_MS / 1000} s`
  const shown = answered.hasSlash ? `${url}/` : url
  if (answered.status < 400) return shown
  const said = `${shown}  answers ${answered.status}`
  if (answered.status !== 404 || prefix === '') return said
  const front = canHaveFront === true ? '; with front_controller = index.php that script answers every URL' : ''
  return `${said}: the app gets the path with ${prefix} in front${canMount ? '; mount = 1 changes that' : front}`
}

/** How long the front page of an app is waited for, to say what it answers. */
export const ANSWER_WITHIN_MS = 3000
