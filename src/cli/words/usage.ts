import type { ArgumentData, CommandEntry, CommandTable, GroupEntry } from '../command.ts'

/** The documented name of it: `plugins.list`, or `mfserv key create` where there is no launcher. */
export function documentedName({ words, launcher }: CommandEntry | GroupEntry, { groups }: CommandTable): string {
  if (launcher !== undefined) return launcher
  const group = groups.find(({ words: [first] }) => first !== undefined && first === words[0])
  return group?.launcher === undefined ? ['mfserv', ...words].join(' ') : [group.launcher, ...words.slice(1)].join(' ')
}

/** `plugins.install FILE [options]`, under the name that was typed. */
export function usageOf(typed: string, { arguments: args }: CommandEntry): string {
  const own = args.findIndex(({ often }) => often === 'own')
  const before = own < 0 ? args : args.slice(0, own)
  const after = own < 0 ? [] : ['[--]', ...args.slice(own).map(argumentText)]
  return [typed, ...before.map(argumentText), '[options]', ...after].join(' ')
}

function argumentText({ name, often }: ArgumentData): string {
  switch (often) {
    case 'perhaps':
      return `[${name}]`
    case 'any':
      return `[${name}...]`
    case 'own':
      return `${name} [ARGUMENT...]`
    default:
      return name
  }
}
