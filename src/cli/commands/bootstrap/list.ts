import { TEMPLATES } from '../../../template/templates.ts'
import type { Result } from '../../output.ts'
import { columns } from '../../table.ts'

export async function run(): Promise<Result> {
  const templates = Object.entries(TEMPLATES).map(([name, { summary }]) => ({ name, summary }))
  const lines = columns(templates.map(({ name, summary }) => [`     * ${name}`, summary]))
  return { data: templates, text: ['List of available plugin templates:', ...lines].join('\n') }
}
