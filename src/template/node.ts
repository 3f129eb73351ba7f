import { answerTo, appDefaults, everyPlugin, general, generalQuestions, workersQuestion } from './shared.ts'
import type { Template } from './template.ts'

export const nodeTemplate: Template = {
  summary: 'a Node.js web application with Express',
  // The app's directory has the name of the plugin; these two are built, and never watched or released.
  reserved: ['local', 'node_modules'],
  questions: [
    ...generalQuestions('A nodejs cluster express application', 'crontab'),
    workersQuestion('{{MFCOM_HARDWARE_NUMBER_OF_CPU_CORES}}'),
  ],
  files: (answers) => [
    ...everyPlugin(answers),
    { path: '.layerapi2_dependencies', source: 'node/layerapi2_dependencies' },
    { path: 'package.json', source: 'node/package.json' },
    { path: '@@name@@/server.js', source: 'node/server.js' },
  ],
  config: (name, answers) => ({
    general: general(answers),
    sections: [
      {
        name: `app_${name}`,
        values: {
          ...appDefaults(['add_plugin_dir_to_python_path', 'add_app_dir_to_python_path']),
          type: 'node',
          main_arg: 'server.js',
          workers: answerTo('workers', answers),
        },
      },
    ],
  }),
}
