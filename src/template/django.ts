import { isAppType } from '../runtime/app-type.ts'
import { packageName } from './python-package.ts'
import { answerTo, appDefaults, everyPlugin, general, generalQuestions, workersQuestion } from './shared.ts'
import type { Template } from './template.ts'
import { TYPE_TEXTS } from './type-texts.ts'

/** The WSGI types that Django runs on, of those that this version has. */
const TYPES = ['python3_sync', 'gunicorn3_sync'].filter(isAppType)
/** Files of every plugin that this template writes differently. */
const OWN = ['README.md', '.autorestart_includes', '.autorestart_excludes', '.gitignore', '.releaseignore']

/** A Django project with one application. */
export const djangoTemplate = djangoTemplateOf('hello', 'Hello World from django app')

/** The same as the later generation made it. */
export const laterDjangoTemplate = djangoTemplateOf('main', 'Hello World from django main app')

/** The project itself is made by the plugin's postinstall script, with the Django that the plugin has then. */
function djangoTemplateOf(application: string, greeting: string): Template {
  return {
    summary: 'a Django project',
    values: { application, greeting },
    // The name of the application that every new project has.
    reserved: [application],
    questions: [
      ...generalQuestions('one line summary', 'crontab'),
      { kind: 'choice', name: 'type', choices: TYPES, says: TYPE_TEXTS },
      workersQuestion('{{MFCOM_HARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2}}'),
    ],
    files: (answers) => [
      ...everyPlugin(answers).filter(({ path }) => !OWN.includes(path)),
      { path: 'README.md', source: 'django/README.md' },
      { path: '.autorestart_includes', source: 'flask/autorestart_includes' },
      { path: '.autorestart_excludes', source: 'django/autorestart_excludes' },
      { path: '.gitignore', source: 'django/gitignore' },
      { path: '.releaseignore', source: 'django/releaseignore' },
      { path: '.layerapi2_dependencies', source: 'default/layerapi2_dependencies' },
      { path: 'python3_virtualenv_sources/requirements-to-freeze.txt', source: 'django/requirements-to-freeze.txt' },
      { path: 'postinstall', source: 'django/postinstall', mode: 0o755 },
    ],
    config: (name, answers) => ({
      general: general(answers),
      sections: [
        {
          name: `app_${packageName(name)}`,
          values: {
            ...appDefaults(['node_extra_opts']),
            type: answerTo('type', answers),
            main_arg: `${packageName(name)}.wsgi:application`,
            workers: answerTo('workers', answers),
          },
        },
      ],
    }),
  }
}
