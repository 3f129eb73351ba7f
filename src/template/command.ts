import { answerTo, appDefaults, everyPlugin, general, generalQuestions, workersQuestion } from './shared.ts'
import type { Template } from './template.ts'

/** Files of every plugin that this template writes differently. */
const OWN = ['README.md', '.autorestart_includes']

export const commandTemplate: Template = {
  summary: 'a program in any language that listens on a unix socket or a TCP port',
  questions: [...generalQuestions('one line summary', 'crontab'), workersQuestion('{{MFCOM_HARDWARE_NUMBER_OF_CPU_CORES}}')],
  files: (answers) => [
    ...everyPlugin(answers).filter(({ path }) => !OWN.includes(path)),
    { path: 'README.md', source: 'command/README.md' },
    { path: '.autorestart_includes', source: 'empty/autorestart_includes' },
    { path: '.layerapi2_dependencies', source: 'static/layerapi2_dependencies' },
    { path: 'bin/serve', source: 'command/serve', mode: 0o755 },
  ],
  config: (_name, answers) => ({
    general: general(answers),
    sections: [
      {
        name: 'app_main',
        values: {
          ...appDefaults(['node_extra_opts']),
          type: 'command',
          main_arg: 'serve {unix_socket_path}',
          workers: answerTo('workers', answers),
        },
      },
    ],
  }),
}
