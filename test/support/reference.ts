import type { CommandEntry, CommandTable, Example } from '../../src/cli/command.ts'
import { optionText } from '../../src/cli/words/help.ts'
import { documentedName } from '../../src/cli/words/usage.ts'

/** A section of the page of commands: its heading, and the commands it is about. */
interface Section {
  readonly name: string
  readonly commands: readonly CommandEntry[]
}

/** In the order of the table; the commands of a group that has a launcher share a section. */
export function sectionsOf(table: CommandTable): readonly Section[] {
  const byName = Map.groupBy(table.commands, (command) => {
    const group = table.groups.find(({ words: [first], launcher }) => launcher !== undefined && first === command.words[0])
    return command.words.length === 2 && group?.launcher !== undefined ? group.launcher : documentedName(command, table)
  })
  return [...byName].map(([name, commands]) => ({ name, commands }))
}

/** The page with the examples and options of each command as the table has them. The prose around them stays as it is. */
export function rewrittenPage(page: string, table: CommandTable): string {
  const [head = '', ...parts] = page.split(/^(?=## )/m)
  const sections = sectionsOf(table)
  const rewritten = parts.map((part) => {
    const section = sections.find(({ name }) => part.startsWith(`## \`${name}\`\n`))
    return section === undefined ? part : rewrittenSection(part, section, table)
  })
  return [head, ...rewritten].join('')
}

/** The part made here begins with the first block of shell lines in the section. A section without one gets it behind its first paragraph. */
function rewrittenSection(text: string, section: Section, table: CommandTable): string {
  const made = madePart(section, table)
  const old = /^```sh\n[\s\S]*?^```\n(?:\n\|[^\n]*option[^\n]*\n(?:\|[^\n]*\n)*)*/m
  if (old.test(text)) return text.replace(old, () => made)
  const [heading, first, ...rest] = text.split('\n\n')
  return [heading, first?.trimEnd(), `${made.trimEnd()}${rest.length === 0 ? '\n\n' : ''}`, ...rest].join('\n\n')
}

function madePart({ commands }: Section, table: CommandTable): string {
  const examples = commands.flatMap((command) =>
    command.examples.map(([words, says]): Example => [`${documentedName(command, table)} ${words}`.trimEnd(), says]),
  )
  const width = Math.max(...examples.map(([line]) => line.length))
  const lines = examples.map(([line, says]) => `${line.padEnd(width)}  # ${says}`)
  const tables = commands
    .filter(({ options }) => options.length > 0)
    .map(({ words, options }) => {
      const head = commands.length === 1 ? 'option' : `option of \`${words.at(-1)}\``
      const rows = options.map((option) => `| \`${optionText(option)}\` | ${option.says} |`)
      return ['', `| ${head} | |`, '|---|---|', ...rows].join('\n')
    })
  return `${['```sh', ...lines, '```', ...tables].join('\n')}\n`
}
