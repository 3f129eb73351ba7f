import { TEMPLATES } from '../../../template/templates.ts'
import type { Result } from '../../output.ts'

export async function run(): Promise<Result> {
  const templates = Object.entries(TEMPLATES).map(([name, { summary }]) => ({ name, summary }))
  const lines = templates.map(({ name }) => `     * ${name}`)
  return { data: templates, text: ['List of available plugin templates:', ...lines].join('\n') }
}
