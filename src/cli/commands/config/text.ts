import type { Explained, WrittenValue } from '../../../config/edit/explain.ts'
import { shown } from '../../../config/secrets.ts'
import type { ProblemReport, StatusReport } from '../../../control/protocol.ts'
import type { Paths } from '../../../host/home/paths.ts'
import { columns } from '../../table.ts'
import { placeText } from './place.ts'

/** Of a key that mfserv gives no meaning to, what sounds like a secret is masked. */
export function shownValue({ key, known }: Pick<Explained, 'key' | 'known'>, text: string): string {
  return shown(known === undefined ? key : '', text)
}

export function explainText(explained: Explained, paths: Paths): string {
  const { section, key, value, known, variable } = explained
  const rows = [
    ...(known === undefined ? [] : [['', known.fallback, 'default', explained.from.layer === 'built-in' ? 'counts' : '']]),
    ...explained.written.map((one) => rowOf(explained, one, paths)),
  ]
  return [
    `[${section}] ${key} = ${shownValue(explained, value).replaceAll('\n', ' ')}`,
    ...(known === undefined ? ['mfserv gives it no meaning; processes find it in their environment.'] : ['', known.doc]),
    ...(known?.expected === undefined ? [] : [`A value is ${known.expected}.`]),
    ...(known?.idle === undefined ? [] : [`It has no effect: ${known.idle}.`]),
    '',
    ...columns(rows),
    '',
    `A change takes effect ${whenText(explained)}`,
    `Processes and shells find it in ${variable}.`,
  ].join('\n')
}

const STANDINGS: Readonly<Record<WrittenValue['standing'], string>> = {
  counts: 'counts',
  covered: 'covered by the one that counts',
  'other machine': 'for another machine or a plainer case',
  'not readable': 'cannot be read, so it does not count',
}

function rowOf(explained: Explained, { layer, where, text, variant, standing }: WrittenValue, paths: Paths): readonly string[] {
  const name = variant === undefined ? '' : `[${variant.toUpperCase()}]`
  const value = shownValue(explained, text).replaceAll('\n', ' ')
  return [name, value, `${layer} ${placeText(where, paths)}`, STANDINGS[standing]]
}

/** When, and for whom. It follows "takes effect". */
export function whenText({ section, known, variable }: Pick<Explained, 'section' | 'known' | 'variable'>): string {
  const shell = `A shell that has loaded the environment keeps the old ${variable} until it loads it again.`
  if (known === undefined) {
    const whom = section.startsWith('plugin_') ? 'that plugin' : 'the plugins'
    return `at once: the workers of ${whom} are replaced, without a lost request. ${shell}`
  }
  switch (known.takesEffect) {
    case 'at once':
      return `at once, without a lost request. ${shell}`
    case 'next start':
      return `at the next mfserv.start. ${shell}`
    case 'new workers':
      return `at once for mfserv itself; for the code of plugins in each worker that is started from then on (plugins.restart NAME). ${shell}`
    default:
      return known.takesEffect satisfies never
  }
}

/** Whether a change that was written down is in force, or will be where no daemon runs. */
export function isTaken(report: StatusReport | undefined): boolean {
  return report === undefined || (report.configuration === 'as written' && report.nginx.problem === undefined)
}

/** What the daemon makes of a change that was written down. */
export function takenText(report: StatusReport | undefined): readonly string[] {
  if (report === undefined) return ['mfserv does not run: it counts at the next mfserv.start.']
  if (isTaken(report)) return ['The running mfserv has taken it.']
  const mistakes = problemsIn(report).map(({ message, fix }) => `  ${message}\n  ${fix.replaceAll('\n', '\n  ')}`)
  return ['The running mfserv does not take it, and goes on with what was good last:', ...mistakes]
}

/** What is in the way of a change. */
export function problemsIn({ problems, nginx }: StatusReport): readonly ProblemReport[] {
  return [...problems, ...(nginx.problem === undefined ? [] : [nginx.problem])]
}
