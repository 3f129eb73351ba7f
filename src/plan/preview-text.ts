import { dangersText } from '../plugin/dangers.ts'
import { formatProblem } from '../problem.ts'
import type { Preview, ValueChange, WorkersChange } from './preview.ts'
import type { MemoryPreview } from './preview-memory.ts'
import type { RoutesPreview } from './preview-routes.ts'

/** A preview for people: a line for what would be done, and below it a block for everything that would change. */
export function previewText(preview: Preview): string {
  const { plugin, kind, workers, cron, configuration, environment, dangers, renewed, problems, isRefused } = preview
  if (kind === 'nothing' && !isRefused)
    return [`Nothing would change: ${plugin} is as it would be.`, ...problems.map(formatProblem)].join('\n')
  const daemons = workers.filter((change) => change.kind === 'daemon')
  const apps = workers.filter((change) => change.kind === 'app')
  const blocks = [
    block('Routes', routeLines(preview.routes)),
    block('Workers', apps.map(workersLine)),
    block('Memory', memoryLines(preview.memory)),
    block('Daemons', daemons.map(workersLine)),
    block(
      'Cron jobs',
      cron.map(({ before, after }) => changeLine('', before, after)),
    ),
    block('Configuration', configuration.map(valueLine)),
    block('Environment', environment.map(valueLine)),
    block('Other plugins', renewed.length === 0 ? [] : [`workers renewed, because they use ${plugin}: ${renewed.join(', ')}`]),
    block('nginx', [NGINX[preview.nginx]]),
    dangersText(plugin, dangers),
    problems.map(formatProblem),
  ]
  return [headline(preview), ...blocks.flat()].join('\n')
}

const NGINX: Readonly<Record<Preview['nginx'], string>> = {
  reload: 'reloaded once',
  untouched: 'not reloaded: the routes stay as they are',
  off: 'not touched: [nginx] flag is 0',
}

function headline({ plugin, kind, before, after, isRefused }: Preview): string {
  if (isRefused) return `${plugin} would be refused, and what is served now would go on.`
  const [old, next] = [before, after].map((one) => (one === undefined ? '' : `${one.version}-${one.release}`))
  if (kind === 'install') return `${plugin} ${next} would be installed.`
  if (kind === 'remove') return `${plugin} ${old} would be removed.`
  return `${plugin} ${old} would be replaced by ${next}.`
}

function block(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)]
}

function routeLines({ added, removed, conflicts, taken, given }: RoutesPreview): readonly string[] {
  return [
    ...added.map(({ app, route }) => `+ ${route} (app ${app})`),
    ...removed.map(({ app, route }) => `- ${route} (app ${app})`),
    ...conflicts.map(({ app, route, owner }) => `! ${route} of app ${app} would not be served: it belongs to ${owner}`),
    ...taken.map(({ plugin, app, route }) => `! ${route} would be taken away from ${plugin}/${app}`),
    ...given.map(({ plugin, app, route }) => `  ${route} would go to ${plugin}/${app}`),
  ]
}

function workersLine({ app, kind, before, after, change }: WorkersChange): string {
  const name = kind === 'daemon' ? app.slice(1) : app
  if (change === 'added') return `+ ${name}: ${after}`
  if (change === 'removed') return `- ${name}: ${before}`
  const count = before === after ? `${after}` : `${before} → ${after}`
  return change === 'kept'
    ? `  ${name}: ${count}, goes on as it is`
    : `~ ${name}: ${count}, ${kind === 'daemon' ? 'ended, then started anew' : 'replaced one beside the other'}`
}

function memoryLines({ before, after, peak, free, isShort, apps }: MemoryPreview): readonly string[] {
  if (apps.length === 0) return []
  const left = free === undefined ? '' : `; free now: ${megabytes(free)}`
  return [
    `${megabytes(before)} → ${megabytes(after)}, at most ${megabytes(peak)} meanwhile${left}`,
    ...(isShort ? ['! that is more than is free'] : []),
    ...apps.map(({ app, perWorker, basis }) => {
      const from = basis === 'measured' ? 'as its workers have now' : 'an estimate for its type'
      return `  ${app}: ${megabytes(perWorker)} for each worker, ${from}`
    }),
  ]
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_000_000)} MB`
}

function valueLine({ name, before, after }: ValueChange): string {
  return changeLine(`${name}: `, before, after)
}

function changeLine(name: string, before: string | undefined, after: string | undefined): string {
  if (before === undefined) return `+ ${name}${quoted(after)}`
  if (after === undefined) return `- ${name}${quoted(before)}`
  return `~ ${name}${quoted(before)} → ${quoted(after)}`
}

function quoted(value = ''): string {
  return value === '' ? '(nothing)' : value.replaceAll('\n', ' ')
}
