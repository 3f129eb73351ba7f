import type { ConfigIniInput } from '../plugin/rewrite/config-ini-text.ts'
import type { Answers, Question } from './questions.ts'

/** What `bootstrap_plugin.py` can start a plugin from. */
export interface Template {
  /** What the plugin will be, for the listing. */
  readonly summary: string
  /** What its files have placeholders for besides the answers. */
  readonly values?: Readonly<Record<string, string>>
  /** Names that a plugin of this template cannot have, because of its own files. */
  readonly reserved?: readonly string[]
  /** In the order they are asked. */
  readonly questions: readonly Question[]
  readonly files: (answers: Answers) => readonly TemplateFile[]
  readonly config: (name: string, answers: Answers) => ConfigIniInput
}

export interface TemplateFile {
  /** Place in the new plugin; may hold placeholders. */
  readonly path: string
  /** Place below `templates/`. No name there starts with a dot: such files would act on this repository, and npm does not pack them. */
  readonly source: string
  readonly mode?: number
}
