import { configIni } from '../plugin/rewrite/config-ini-text.ts'
import { packageName } from './python-package.ts'
import type { Answers } from './questions.ts'
import type { Template } from './template.ts'

/** One file of a new plugin; `path` is relative to it. */
export interface RenderedFile {
  readonly path: string
  readonly text: string
  readonly mode: number
}

const PLACEHOLDER = /@@([a-z_]+?)@@/g

/**
 * The files of a new plugin. `sources` holds the text of every file below `templates/`, by its path there.
 * A placeholder is `@@name@@`, `@@lower_name@@`, `@@package@@` (a Python package for the plugin) or an answer: two at-signs, because `{{…}}` is what values of config.ini use.
 */
export function render(
  template: Template,
  name: string,
  answers: Answers,
  sources: ReadonlyMap<string, string>,
): readonly RenderedFile[] {
  const values: Answers = { ...answers, ...template.values, name, lower_name: name.toLowerCase(), package: packageName(name) }
  const files = template.files(answers).map(({ path, source, mode = 0o644 }) => ({
    path: fill(path, values),
    text: fill(sourceText(sources, source), values),
    mode,
  }))
  const config = { path: 'config.ini', text: configIni(template.config(name, answers)), mode: 0o644 }
  return [config, ...files]
}

function fill(text: string, values: Answers): string {
  return text.replace(PLACEHOLDER, (placeholder, key: string) => {
    const value = values[key]
    if (value === undefined) throw new Error(`a template uses ${placeholder}, which nothing fills`)
    return value
  })
}

function sourceText(sources: ReadonlyMap<string, string>, source: string): string {
  const text = sources.get(source)
  if (text === undefined) throw new Error(`templates/${source} is missing from this mfserv`)
  return text
}
