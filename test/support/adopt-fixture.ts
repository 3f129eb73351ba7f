import { type Adoption, adoption } from '../../src/adopt/adoption.ts'
import type { Problem } from '../../src/problem.ts'
import { formatProblem } from '../../src/problem.ts'
import { appTree } from './app-tree.ts'

/** An application, and what adopt says of it and writes beside it. */
export interface AdoptCase {
  readonly about: string
  /** With its title, as it stands in the file. */
  readonly input: string
  readonly files: Readonly<Record<string, string>>
  readonly type: string | undefined
  readonly expected: string
}

const TITLE = /^#### (?=.)/m
const FILE = /^== (?=.)/m
const RULE = '----------\n'
/** The last of the patterns that are watched in every plugin. */
const LAST_OF_ALL = '.autorestart_excludes\n'
/** What is the same beside every application. */
const OF_EVERY = new Set([
  '.layerapi2_label',
  'Makefile',
  'mfserv.mk',
  '.releaseignore',
  '.autorestart_includes',
  '.autorestart_excludes',
  '.gitignore',
])
/** Lines of config.ini that say nothing of the application. */
const USUAL = new Set([
  ...['version=0.0.1', 'license=Proprietary', 'url=http://yourpluginhomepage', 'vendor=MetWork'],
  ...['maintainer=Firstname FAMILYNAME <email>', 'timeout=0', 'debug=0'],
])
const SOURCES = new Map([
  ['_every/Makefile', 'all:\n'],
  ['_every/releaseignore', '/local\n'],
])

/** A file of them: `#### title`, `type: TYPE` where a person says one, `== path` and the text of each file, `----------`, the answer. */
export function parseAdoptCases(text: string): readonly AdoptCase[] {
  return text
    .split(TITLE)
    .slice(1)
    .map((block) => {
      const [before = '', expected = ''] = block.split(RULE)
      const [head = '', ...files] = before.split(FILE)
      const [about = ''] = head.split('\n')
      const type = /^type: (\S+)$/m.exec(head)?.[1]
      const named = files.map((file) => [file.slice(0, file.indexOf('\n')), file.slice(file.indexOf('\n') + 1)])
      return { about, input: `#### ${before}${RULE}`, files: Object.fromEntries(named), type, expected }
    })
}

export function adoptedText({ files, type }: AdoptCase): string {
  const wishes = { directory: '/x/shop', name: 'shop', type, nameFrom: 'directory' } as const
  return `${adoptionText(adoption(appTree(files), wishes, SOURCES))}\n`
}

function adoptionText(result: Adoption | readonly Problem[]): string {
  if (!('facts' in result)) return result.map(formatProblem).join('\n')
  const config = result.files.flatMap(({ path, text }) => (path === 'config.ini' ? text.split('\n') : []))
  const own = result.files.filter(({ path }) => path !== 'config.ini' && !OF_EVERY.has(path))
  const watched = result.files.find(({ path }) => path === '.autorestart_includes')?.text.split(LAST_OF_ALL)[1] ?? ''
  return [
    `${result.framework}: ${result.kind}, ${result.type}, ${result.make}`,
    ...result.facts.map(({ about, is, because }) => `  ${about}: ${is}  (${because})`),
    ...result.notes.map((note) => `  note: ${note}`),
    ...(result.kept.length === 0 ? [] : [`  kept: ${result.kept.join(' ')}`]),
    ...(watched === '' ? [] : [`  watched: ${watched.trim().replaceAll('\n', ' ')}`]),
    ...config.filter((line) => line !== '' && !line.startsWith('#') && !USUAL.has(line)).map((line) => `  ${line}`),
    ...own.flatMap(({ path, text, mode }) => [
      `  ${path} (${mode.toString(8)})`,
      ...text
        .trimEnd()
        .split('\n')
        .map((line) => `    ${line}`),
    ]),
  ].join('\n')
}
