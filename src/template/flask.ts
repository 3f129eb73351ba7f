import { answerTo, appDefaults, everyPlugin, general, generalQuestions, workersQuestion } from './shared.ts'
import type { Template } from './template.ts'

export const flaskTemplate: Template = {
  summary: 'a Python web application with Flask',
  questions: [
    ...generalQuestions('one line summary', 'crontab'),
    workersQuestion('{{MFCOM_HARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2}}'),
  ],
  files: (answers) => [
    ...everyPlugin(answers).filter(({ path }) => path !== '.autorestart_includes'),
    { path: '.autorestart_includes', source: 'flask/autorestart_includes' },
    { path: '.layerapi2_dependencies', source: 'default/layerapi2_dependencies' },
    { path: 'main/__init__.py', source: 'default/__init__.py' },
    { path: 'main/wsgi.py', source: 'flask/wsgi.py' },
    { path: 'main/templates/page_not_found.html', source: 'flask/page_not_found.html' },
    { path: 'main/templates/template_urlparse/index.html', source: 'flask/index.html' },
    { path: 'python3_virtualenv_sources/requirements-to-freeze.txt', source: 'flask/requirements-to-freeze.txt' },
  ],
  config: (_name, answers) => ({
    general: general(answers),
    sections: [
      {
        name: 'app_main',
        values: {
          ...appDefaults(['node_extra_opts']),
          type: 'python3_sync',
          main_arg: 'main.wsgi:app',
          workers: answerTo('workers', answers),
        },
      },
    ],
  }),
}
