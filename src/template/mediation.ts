import { answerTo, appDefaults, everyPlugin, general, generalQuestions, workersQuestion } from './shared.ts'
import type { Template } from './template.ts'

/** An aiohttp application between clients and another server. */
export const mediationTemplate: Template = {
  summary: 'a reverse proxy in Python that changes requests and answers',
  questions: [
    ...generalQuestions('one line summary', 'crontab'),
    workersQuestion('{{MFCOM_HARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2}}'),
  ],
  files: (answers) => [
    ...everyPlugin(answers).filter(({ path }) => path !== 'README.md'),
    { path: 'README.md', source: 'mediation/README.md' },
    { path: '.layerapi2_dependencies', source: 'default/layerapi2_dependencies' },
    { path: 'main/__init__.py', source: 'default/__init__.py' },
    { path: 'main/application.py', source: 'mediation/application.py' },
    {
      path: 'python3_virtualenv_sources/requirements-to-freeze.txt',
      source: 'default/aiohttp-requirements-to-freeze.txt',
    },
  ],
  config: (_name, answers) => ({
    general: general(answers),
    sections: [
      {
        name: 'app_main',
        values: {
          ...appDefaults(['node_extra_opts']),
          type: 'aiohttp',
          main_arg: 'main/application.py',
          workers: answerTo('workers', answers),
        },
      },
      { name: 'custom', values: { backend: 'http://mybackend' } },
    ],
  }),
}
