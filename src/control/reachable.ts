import type { AppReport, ProblemReport, StatusReport } from './protocol.ts'
import { problemLines } from './trouble-text.ts'

/** Whether a person reaches what the workers serve. */
export type Reach =
  | { readonly is: 'served' }
  /** nginx is not wanted, or listens on no port: the apps answer on their sockets alone. */
  | { readonly is: 'off'; readonly because: string }
  | { readonly is: 'failed'; readonly problem: ProblemReport }

export function reachable({ url, nginx }: Pick<StatusReport, 'url' | 'nginx'>): Reach {
  if (nginx.state === 'off') return { is: 'off', because: 'nginx is off: [nginx] flag = 0' }
  if (nginx.problem !== undefined) return { is: 'failed', problem: nginx.problem }
  if (nginx.state === 'stopped') return { is: 'failed', problem: DOWN }
  return url === undefined ? { is: 'off', because: 'nginx listens on no port: [nginx] port = 0' } : { is: 'served' }
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

type AnsweringApp = Pick<AppReport, 'name' | 'url' | 'socket' | 'isServed'>

/** Where the apps of a plugin whose workers are well answer: their URLs, their sockets, or why nowhere. */
export function answersText(name: string, apps: readonly AnsweringApp[], reach: Reach): string {
  if (apps.length === 0) return `${name} runs. It has no app.`
  switch (reach.is) {
    case 'served': {
      const served = apps.filter(({ isServed }) => isServed)
      return [
        served.length === 0 ? `${name} runs:` : `${name} answers:`,
        ...served.map(({ url }) => `  ${url}`),
        ...apps.filter(({ isServed }) => !isServed).map((app) => `  app ${app.name}: ${NO_WORKERS}`),
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
