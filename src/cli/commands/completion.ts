import { TEMPLATES } from '../../template/templates.ts'
import type { CommandTable } from '../command.ts'
import { bashCompletion } from '../completion/bash.ts'
import { fishCompletion } from '../completion/fish.ts'
import { completionTree } from '../completion/tree.ts'
import { zshCompletion } from '../completion/zsh.ts'
import type { SHELLS } from '../entries/shared.ts'
import type { Result } from '../output.ts'

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const satisfies Record<
  (typeof SHELLS)[number],
  unknown
>

export async function run([shell]: readonly [string], _options: unknown, table: CommandTable): Promise<Result> {
  const write = SCRIPTS[shell as keyof typeof SCRIPTS]
  const script = write(completionTree(table), Object.keys(TEMPLATES))
  return { data: { shell, script }, text: script, for: 'a shell' }
}
