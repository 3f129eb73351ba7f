import { appDefaultsOf, everyPlugin, general, generalQuestions } from './shared.ts'
import type { Template } from './template.ts'

const SETTINGS = [
  'timeout',
  'prefix_based_routing',
  'virtualdomain_based_routing',
  'prefix_based_routing_extra_routes',
  'extra_nginx_conf_filename',
]

export const staticTemplate: Template = {
  summary: 'a website of files',
  questions: generalQuestions('one line summary', 'no crontab'),
  files: (answers) => [
    ...everyPlugin(answers),
    { path: '.layerapi2_dependencies', source: 'static/layerapi2_dependencies' },
    { path: 'main/index.html', source: 'static/index.html' },
  ],
  config: (_name, answers) => ({
    general: general(answers),
    sections: [{ name: 'app_main', values: { ...appDefaultsOf(SETTINGS), type: 'static' } }],
  }),
}
