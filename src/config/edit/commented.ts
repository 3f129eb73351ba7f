import { MODULE_INI, parseIni } from '../ini.ts'
import { SETTINGS } from '../settings.ts'
import type { Key } from '../value.ts'
import { comment } from './comment.ts'

const HEAD = `# Settings of mfserv for this runtime home. Every line is a comment: the defaults hold.
# Remove the # in front of a key to set it, or: mfserv config set SECTION.KEY VALUE
# This file is written anew by a newer mfserv as long as nothing in it is set.
# The file of the administrator in /etc/metwork.config.d/mfserv/ wins over this one.
# What a key does and when a change takes effect: mfserv config explain SECTION.KEY`

/** A config.ini that sets nothing and shows everything: each key with what it does and its default. */
export function commentedConfig(): string {
  const sections = Object.entries(SETTINGS).flatMap(([section, keys]) => {
    const shown = Object.entries<Key<unknown>>(keys).filter(([, { idle }]) => idle === undefined)
    return shown.length === 0 ? [] : [`[${section}]\n${shown.map(shownKey).join('\n\n')}`]
  })
  return `${HEAD}\n\n${sections.join('\n\n\n')}\n`
}

/** Whether a text is one that was made so, perhaps by another version, and nobody has set anything in it. */
export function setsNothing(text: string): boolean {
  const { sections, problems } = parseIni(text, '', MODULE_INI)
  const [first = ''] = HEAD.split('\n')
  return text.startsWith(first) && problems.length === 0 && sections.every(({ entries }) => entries.length === 0)
}

function shownKey([name, { doc, fallback }]: readonly [string, Key<unknown>]): string {
  return `${comment(doc)}\n#${name} = ${fallback}`
}
