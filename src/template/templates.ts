import { didYouMean } from '../config/nearest.ts'
import { validateName } from '../plugin/name.ts'
import { Problem } from '../problem.ts'
import { commandTemplate } from './command.ts'
import { defaultTemplate, pythonTemplateOf } from './default.ts'
import { djangoTemplate, laterDjangoTemplate } from './django.ts'
import { emptyTemplate, nowebTemplateOf } from './empty.ts'
import { flaskTemplate } from './flask.ts'
import { mediationTemplate } from './mediation.ts'
import { nodeTemplate } from './node.ts'
import { openrestyTemplate } from './openresty.ts'
import { phpTemplate } from './php.ts'
import { staticTemplate } from './static.ts'
import type { Template } from './template.ts'

/** Every template, in the order it is listed. */
export const TEMPLATES: Readonly<Record<string, Template>> = {
  default: defaultTemplate,
  empty: emptyTemplate,
  node: nodeTemplate,
  django: djangoTemplate,
  static: staticTemplate,
  flask: flaskTemplate,
  python3_raw_asgi: pythonTemplateOf('python3_asgi'),
  python3_tornado: pythonTemplateOf('python3_tornado'),
  php: phpTemplate,
  command: commandTemplate,
  mediation: mediationTemplate,
  openresty: openrestyTemplate,
}

/** What the later generation calls templates that are here already. They are not listed. */
const LATER_NAMES: Readonly<Record<string, Template>> = {
  python3_raw_wsgi: pythonTemplateOf('python3_sync'),
  python3_aiohttp: pythonTemplateOf('aiohttp'),
  python3_flask: flaskTemplate,
  python3_django: laterDjangoTemplate,
  python3_noweb: nowebTemplateOf('python3'),
  node_noweb: nowebTemplateOf('node'),
}

/** The template of that name, or the problem that says which ones there are. */
export function findTemplate(name: string): Template | Problem {
  const names = Object.keys(TEMPLATES)
  const all = new Map(Object.entries({ ...LATER_NAMES, ...TEMPLATES }))
  const template = all.get(name)
  if (template !== undefined) return template
  const fix = `${didYouMean(name, names)}The templates are: ${names.join(', ')}.`
  return new Problem('USAGE', `there is no template "${name}"`, fix)
}

/** Why a plugin of this template cannot have this name; undefined when it can. */
export function checkName(name: string, template: Template | undefined): Problem | undefined {
  if (template?.reserved?.includes(name) !== true) return validateName(name)
  return new Problem('PLUGIN_NAME', `the plugin name "${name}" is used by the template itself`, 'Choose another one.')
}
