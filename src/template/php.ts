import { answerTo, appDefaults, everyPlugin, general, generalQuestions, workersQuestion } from './shared.ts'
import type { Template } from './template.ts'

const OF_OTHERS = ['node_extra_opts', 'add_plugin_dir_to_python_path', 'add_app_dir_to_python_path']

export const phpTemplate: Template = {
  summary: 'a PHP web application',
  questions: [
    ...generalQuestions('one line summary', 'crontab'),
    workersQuestion('{{MFCOM_HARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2}}'),
  ],
  files: (answers) => [
    ...everyPlugin(answers).filter(({ path }) => path !== 'README.md'),
    { path: 'README.md', source: 'php/README.md' },
    { path: '.layerapi2_dependencies', source: 'static/layerapi2_dependencies' },
    { path: 'main/index.php', source: 'php/index.php' },
  ],
  config: (_name, answers) => ({
    general: general(answers),
    sections: [{ name: 'app_main', values: { ...appDefaults(OF_OTHERS), type: 'php', workers: answerTo('workers', answers) } }],
  }),
}
