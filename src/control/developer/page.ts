import { createHash } from 'node:crypto'
import { isWarning } from '../../problem.ts'
import { terminalText } from '../../terminal-text.ts'
import type { PluginReport, ProblemReport } from '../protocol.ts'
import { type FailedWorker, failedWorkers, problemLines, workerTrouble } from '../trouble-text.ts'
import { SCRIPT, STYLE } from './page-parts.ts'

export type Format = 'html' | 'json' | 'text'

export interface DeveloperPage {
  readonly type: string
  readonly body: string
  /** Another one when there is something else to tell. */
  readonly edition: string
}

const RETOLD_MS = 10_000

/** It loads nothing, and runs and asks for nothing but what is in it. */
export const POLICY = [
  "default-src 'none'",
  `style-src '${hashed(STYLE)}'`,
  `script-src '${hashed(SCRIPT)}'`,
  ...["connect-src 'self'", 'img-src data:', "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join('; ')

/** A worker that is not ready yet. `app`: `main`, or the name of a daemon. */
export interface StartingWorker {
  readonly app: string
  readonly forMs: number
  /** How long it may take. */
  readonly withinMs: number
  /** The last lines it wrote. */
  readonly output: string
}

/** Whether there is something that keeps it from serving. */
export function isInTrouble(plugin: PluginReport): boolean {
  return ['failing', 'refused', 'quarantined'].includes(plugin.state) || failedWorkers(plugin).length > 0
}

/** What the developer of a plugin is told in its place: why it does not serve, where, the fix, and what it wrote last. */
export function developerPage(
  plugin: PluginReport,
  starting: readonly StartingWorker[],
  format: Format,
  requestId: string,
): DeveloperPage {
  const title = `The plugin ${plugin.name} is ${isInTrouble(plugin) ? (STATES[plugin.state] ?? 'failing') : 'starting'}`
  const begun = starting.map(startOf)
  const problems = plugin.problems.toSorted((one, other) => Number(isWarning(one.code)) - Number(isWarning(other.code)))
  const text = [
    ...workerTrouble(plugin),
    ...begun.flatMap(({ problem, output }) => [...problemLines([problem], ''), output]),
    ...problemLines(problems, ''),
  ].join('\n')
  const edition = createHash('sha256')
    // How long it has been starting is told anew from time to time.
    .update(`${title}\n${text.replaceAll(/\d+/g, '#')}\n${starting.map(({ forMs }) => Math.floor(forMs / RETOLD_MS)).join()}`)
    .digest('hex')
    .slice(0, 16)
  if (format === 'text') {
    const body = `503 ${title}\n${terminalText(text)}\nRequest id: ${requestId}\n`
    return { type: 'text/plain; charset=utf-8', body, edition }
  }
  if (format === 'json') {
    const all = [...[...failedWorkers(plugin), ...begun].map(({ problem, output }) => ({ ...problem, output })), ...problems]
    const detail = all[0]?.message ?? title
    const body = { type: 'about:blank', title: 'Service Unavailable', status: 503, detail, request_id: requestId, problems: all }
    return { type: 'application/problem+json', body: `${JSON.stringify(body)}\n`, edition }
  }
  return {
    type: 'text/html; charset=utf-8',
    body: html([...failedWorkers(plugin), ...begun], plugin.home, { title, problems, edition, requestId }),
    edition,
  }
}

const STATES: Partial<Record<PluginReport['state'], string>> = { refused: 'refused', quarantined: 'in quarantine' }

/** Told as what has gone wrong is: what it does, and what to look at. */
function startOf({ app, forMs, withinMs, output }: StartingWorker): FailedWorker {
  const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`
  const message = `${app} has been starting for ${seconds(forMs)} and does not answer yet`
  const fix = `It may take ${seconds(withinMs)} (start_timeout). If it hangs, see what it waits for in its last output.`
  return { problem: { code: 'STARTING', message, fix, file: undefined, line: undefined }, output }
}

interface Told {
  readonly title: string
  readonly problems: readonly ProblemReport[]
  readonly edition: string
  readonly requestId: string
}

function html(told: readonly FailedWorker[], home: string, { title, problems, edition, requestId }: Told): string {
  const workers = told.map(({ problem, output }) => section(problem, output))
  return `<!doctype html>
<html lang="en" data-edition="${edition}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
<p class="soft">${escaped(home)}</p>
${[...workers, ...problems.map((problem) => section(problem, undefined))].join('\n')}
<p class="soft">This page reloads itself as soon as there is something else to show. It is only for a plugin that is served from its sources, and for you on this machine: visitors see a plain page.</p>
<p class="soft">Request id: <code>${escaped(requestId)}</code></p>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`
}

function section({ code, message, fix, file, line }: ProblemReport, output: string | undefined): string {
  const place =
    file === undefined ? '' : `<p class="place"><code>${escaped(line === undefined ? file : `${file}:${line}`)}</code></p>\n`
  const wrote =
    output === undefined
      ? ''
      : output === ''
        ? '\n<p class="soft">It wrote nothing.</p>'
        : `\n<p class="soft">Its last output:</p>\n<pre tabindex="0">${escaped(output)}</pre>`
  return `<section>
<h2>${escaped(message)}</h2>
${place}<p class="fix">${escaped(fix).replaceAll('\n', '<br>')}</p>${wrote}
<p class="soft code">${escaped(code)}</p>
</section>`
}

/** Everything on the page is the word of a file or of a worker. */
function escaped(text: string): string {
  return terminalText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

function hashed(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
