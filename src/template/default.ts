import { appDefaults, everyPlugin, general, generalQuestions, workersQuestion } from './shared.ts'
import type { Answers, Template, TemplateFile } from './template.ts'

interface PythonType {
  readonly mainArg: string
  readonly files: readonly TemplateFile[]
}

const PYTHON3_REQUIREMENTS: TemplateFile = {
  path: 'python3_virtualenv_sources/requirements-to-freeze.txt',
  source: 'default/requirements-to-freeze.txt',
}

/** The kinds of Python app this template can start, in the order they are offered. A new one is an entry here. */
const PYTHON_TYPES: Readonly<Record<string, PythonType>> = {
  python3_sync: {
    mainArg: 'main.wsgi:application',
    files: [{ path: 'main/wsgi.py', source: 'default/wsgi.py' }, PYTHON3_REQUIREMENTS],
  },
}

function typeOf(answers: Answers): PythonType {
  const type = PYTHON_TYPES[answers['type'] ?? '']
  if (type === undefined) throw new Error(`type is "${answers['type']}", which is none of the choices`)
  return type
}

export const defaultTemplate: Template = {
  summary: 'a Python web application',
  questions: [
    ...generalQuestions('one line summary', 'crontab'),
    { kind: 'choice', name: 'type', choices: Object.keys(PYTHON_TYPES) },
    workersQuestion('{{MFCOM_HARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2}}'),
  ],
  files: (answers) => [
    ...everyPlugin(answers),
    { path: '.layerapi2_dependencies', source: 'default/layerapi2_dependencies' },
    { path: 'main/__init__.py', source: 'default/__init__.py' },
    ...typeOf(answers).files,
  ],
  config: (_name, answers) => ({
    general: general(answers),
    sections: [
      {
        name: 'app_main',
        values: {
          ...appDefaults(['node_extra_opts']),
          type: answers['type'] ?? '',
          main_arg: typeOf(answers).mainArg,
          workers: answers['workers'] ?? '',
        },
      },
    ],
  }),
}
