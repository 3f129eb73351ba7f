import type { Answers } from './questions.ts'
import { answerTo, appDefaults, everyPlugin, general, generalQuestions, workersQuestion } from './shared.ts'
import type { Template, TemplateFile } from './template.ts'
import { TYPE_TEXTS } from './type-texts.ts'

interface PythonType {
  readonly summary: string
  readonly mainArg: string
  readonly files: readonly TemplateFile[]
  /** Source of `.layerapi2_dependencies`, where it is not the usual one. */
  readonly dependencies?: string
}

const WSGI: TemplateFile = { path: 'main/wsgi.py', source: 'default/wsgi.py' }
const AIOHTTP: TemplateFile = { path: 'main/application.py', source: 'default/application.py' }

/** The kinds of Python app this template can start, in the order they are offered. A new one is an entry here. */
const OFFERED_TYPES = {
  python3_sync: {
    summary: 'a Python web application',
    mainArg: 'main.wsgi:application',
    files: [WSGI, requirements('default/requirements-to-freeze.txt')],
  },
  python2_sync: {
    summary: 'a web application in Python 2',
    mainArg: 'main.wsgi:application',
    files: [WSGI, python2Requirements('empty/python2-requirements-to-freeze.txt')],
    dependencies: 'empty/python2_dependencies',
  },
  aiohttp: {
    summary: 'a Python web application with aiohttp',
    mainArg: 'main/application.py',
    files: [AIOHTTP, requirements('default/aiohttp-requirements-to-freeze.txt')],
  },
  gunicorn3_sync: {
    summary: 'a Python web application under gunicorn',
    mainArg: 'main.wsgi:application',
    files: [WSGI, requirements('default/gunicorn-requirements-to-freeze.txt')],
  },
  gunicorn2_sync: {
    summary: 'a web application in Python 2 under gunicorn',
    mainArg: 'main.wsgi:application',
    files: [WSGI, python2Requirements('default/gunicorn2-requirements-to-freeze.txt')],
    dependencies: 'empty/python2_dependencies',
  },
  gunicorn3_asyncio: {
    summary: 'a Python web application with aiohttp under gunicorn',
    mainArg: 'main.application:app',
    files: [AIOHTTP, requirements('default/gunicorn-aiohttp-requirements-to-freeze.txt')],
  },
} as const satisfies Readonly<Record<string, PythonType>>

/** Those that have a template of their own instead. */
const OTHER_TYPES = {
  python3_asgi: {
    summary: 'a Python ASGI application',
    mainArg: 'main.application:app',
    files: [
      { path: 'main/application.py', source: 'python3_raw_asgi/application.py' },
      requirements('python3_raw_asgi/requirements-to-freeze.txt'),
    ],
  },
  python3_tornado: {
    summary: 'a Python web application with Tornado',
    mainArg: 'main/application.py',
    files: [
      { path: 'main/application.py', source: 'python3_tornado/application.py' },
      requirements('python3_tornado/requirements-to-freeze.txt'),
    ],
  },
} as const satisfies Readonly<Record<string, PythonType>>

type OfferedType = keyof typeof OFFERED_TYPES
type AnyType = OfferedType | keyof typeof OTHER_TYPES

const PYTHON_TYPES: Readonly<Record<AnyType, PythonType>> = { ...OFFERED_TYPES, ...OTHER_TYPES }

/** A Python web application of a type that is asked. */
export const defaultTemplate: Template = pythonTemplate(
  'a Python web application without a framework: WSGI or aiohttp, which is asked',
  (answers) => {
    const type = answerTo('type', answers)
    if (!isOffered(type)) throw new Error(`type is "${type}", which is none of the choices`)
    return type
  },
  [{ kind: 'choice', name: 'type', choices: Object.keys(OFFERED_TYPES), says: TYPE_TEXTS }],
)

/** The same for one type, which is not asked. */
export function pythonTemplateOf(type: AnyType): Template {
  return pythonTemplate(PYTHON_TYPES[type].summary, () => type, [])
}

function pythonTemplate(summary: string, typeOf: (answers: Answers) => AnyType, questions: Template['questions']): Template {
  const chosen = (answers: Answers): PythonType => PYTHON_TYPES[typeOf(answers)]
  return {
    summary,
    questions: [
      ...generalQuestions('one line summary', 'crontab'),
      ...questions,
      workersQuestion('{{MFCOM_HARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2}}'),
    ],
    files: (answers) => [
      ...everyPlugin(answers),
      { path: '.layerapi2_dependencies', source: chosen(answers).dependencies ?? 'default/layerapi2_dependencies' },
      { path: 'main/__init__.py', source: 'default/__init__.py' },
      ...chosen(answers).files,
    ],
    config: (_name, answers) => ({
      general: general(answers),
      sections: [
        {
          name: 'app_main',
          values: {
            ...appDefaults(['node_extra_opts']),
            type: typeOf(answers),
            main_arg: chosen(answers).mainArg,
            workers: answerTo('workers', answers),
          },
        },
      ],
    }),
  }
}

function isOffered(type: string): type is OfferedType {
  return Object.hasOwn(OFFERED_TYPES, type)
}

function requirements(source: string): TemplateFile {
  return { path: 'python3_virtualenv_sources/requirements-to-freeze.txt', source }
}

function python2Requirements(source: string): TemplateFile {
  return { path: 'python2_virtualenv_sources/requirements-to-freeze.txt', source }
}
