import type { Adoption } from '../adopt/adoption.ts'
import { shellArgument } from '../shell-quote.ts'
import { columns } from './table.ts'

export interface AdoptedWhere {
  /** The directory of the plugin. */
  readonly home: string
  /** `would`: nothing was written. */
  readonly is: 'done' | 'would'
  /** Further sentences that a person should know. */
  readonly notes: readonly string[]
}

/** What was found in an application and what was written, for people. */
export function adoptedText(adoption: Adoption, { home, is, notes }: AdoptedWhere): string {
  const { name, facts, files, kept, make, framework } = adoption
  const head =
    is === 'done' ? `The plugin ${name} is in ${home}: ${framework}.` : `The plugin ${name} would be in ${home}: ${framework}.`
  const all = [...adoption.notes, ...notes]
  const shown =
    is === 'done'
      ? []
      : files.filter(({ path }) => path === 'config.ini').flatMap(({ path, text }) => ['', `--- ${path}`, text.trimEnd()])
  return [
    head,
    '',
    'Found:',
    ...columns(facts.map(({ about, is: what, because }) => [about, what, because])).map((line) => `  ${line}`),
    '',
    is === 'done' ? 'Written, and nothing else was touched:' : 'Would be written:',
    ...files.map(({ path }) => `  ${path}`),
    ...(kept.length === 0 ? [] : ['Stays as it is:', ...kept.map((path) => `  ${path}`)]),
    ...(all.length === 0 ? [] : ['', 'Good to know:', ...all.map((note) => `  - ${note}`)]),
    ...shown,
    ...(is === 'done'
      ? ['', 'Next:', `  cd ${shellArgument(home)}`, `  ${make} develop`, 'What was guessed wrong is a key of config.ini.']
      : []),
  ].join('\n')
}

export function adoptedData({ name, kind, framework, type, facts, notes, files, kept, make }: Adoption, where: AdoptedWhere) {
  return {
    name,
    home: where.home,
    kind,
    framework,
    type,
    found: facts,
    notes: [...notes, ...where.notes],
    written: where.is === 'done',
    files,
    kept,
    next: `${make} develop`,
  }
}
