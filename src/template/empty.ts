import type { Answers } from './questions.ts'
import { answerTo, everyPlugin, general, generalQuestions } from './shared.ts'
import type { Template, TemplateFile } from './template.ts'

/** What a daemon or a cron job of an empty plugin may need, in the order it is offered: the files that get it. */
const TYPES = {
  python3: [
    { path: '.layerapi2_dependencies', source: 'empty/python3_dependencies' },
    { path: 'python3_virtualenv_sources/requirements-to-freeze.txt', source: 'default/requirements-to-freeze.txt' },
  ],
  python2: [
    { path: '.layerapi2_dependencies', source: 'empty/python2_dependencies' },
    { path: 'python2_virtualenv_sources/requirements-to-freeze.txt', source: 'empty/python2-requirements-to-freeze.txt' },
  ],
  node: [
    { path: '.layerapi2_dependencies', source: 'empty/node_dependencies' },
    { path: 'package.json', source: 'empty/package.json' },
  ],
  nothing: [{ path: '.layerapi2_dependencies', source: 'empty/nothing_dependencies' }],
} as const satisfies Readonly<Record<string, readonly TemplateFile[]>>

const NEEDS = {
  python3: 'daemons and cron jobs in Python, with packages of their own',
  python2: 'the same in Python 2',
  node: 'daemons and cron jobs in Node, with packages of their own',
  nothing: 'shell scripts and programs that need no packages',
} satisfies Readonly<Record<keyof typeof TYPES, string>>

type EmptyType = keyof typeof TYPES

/** A plugin without a web application. Which language its daemons and cron jobs use is asked. */
export const emptyTemplate: Template = emptyOf(
  (answers) => {
    const type = answerTo('type', answers)
    if (!isEmptyType(type)) throw new Error(`type is "${type}", which is none of the choices`)
    return type
  },
  [{ kind: 'choice', name: 'type', choices: Object.keys(TYPES), says: NEEDS }],
)

/** The same for one language, which is not asked, with a `bin` that says what it is for: as the later generation makes it. */
export function nowebTemplateOf(type: EmptyType): Template {
  return emptyOf(() => type, [], [{ path: 'bin/README', source: 'empty/bin-README' }])
}

function emptyOf(
  typeOf: (answers: Answers) => EmptyType,
  questions: Template['questions'],
  more: readonly TemplateFile[] = [],
): Template {
  return {
    summary: 'a container for daemons and cron jobs',
    questions: [...generalQuestions('one line summary', 'crontab'), ...questions],
    files: (answers) => [
      ...everyPlugin(answers).filter(({ path }) => !['README.md', '.autorestart_includes'].includes(path)),
      { path: 'README.md', source: 'empty/README.md' },
      { path: '.autorestart_includes', source: 'empty/autorestart_includes' },
      ...more,
      ...TYPES[typeOf(answers)],
    ],
    config: (_name, answers) => ({ general: general(answers), sections: [] }),
  }
}

function isEmptyType(type: string): type is EmptyType {
  return Object.hasOwn(TYPES, type)
}
