import { MASK, shown, soundsSecret } from '../config/secrets.ts'
import { fieldsOf } from '../receipt/request-line.ts'
import type { Millis } from '../time.ts'

/** Who called a command, and from where. */
export interface Caller {
  readonly user: string
  readonly uid: number
  /** Who became this user by sudo. */
  readonly sudoUser?: string
  /** Who logged in, as the kernel keeps it over su and sudo; absent where nobody did. */
  readonly loginUid?: number
  /** `pts/3`. */
  readonly terminal?: string
  /** The client's address of an ssh login. */
  readonly ssh?: string
  /** The program that started it: a shell, cron, systemd, the daemon. */
  readonly parent?: string
}

/** What a command was told to do; written before it does anything. */
export interface Begun {
  readonly is: 'begun'
  readonly id: string
  readonly at: Millis
  /** As typed, without secrets. */
  readonly command: string
  readonly words: readonly string[]
  readonly directory: string
  readonly pid: number
  readonly by: Caller
}

/** What came of it. */
export interface Ended {
  readonly is: 'ended'
  readonly id: string
  readonly at: Millis
  readonly outcome: 'ok' | 'failed'
  readonly exitCode: number
  /** The codes of what was wrong. */
  readonly problems: readonly string[]
  /** The plugin that it turned out to be about, which the file that was named need not say. */
  readonly plugin?: string
}

export type AuditLine = Begun | Ended

/** A command with what came of it: nothing when it was killed, or still runs. */
export interface AuditEntry {
  readonly begun: Begun
  readonly ended: Ended | undefined
}

/** The words of a command as they may be kept: what sounds like a secret, or follows a word that names one, is masked. */
export function withoutSecrets(words: readonly string[]): readonly string[] {
  return words.map((word, index) => {
    const name = words[index - 1] ?? ''
    if (word.startsWith('-') ? false : soundsSecret(name.replace(/^.*[.[\]]/, ''))) return MASK
    const [, option = '', value] = /^(--?[\w-]+)=(.*)$/s.exec(word) ?? []
    return value === undefined ? shown('', word) : `${option}=${shown(option, value)}`
  })
}

/** A line of the trail; undefined for one that a power cut tore. */
export function auditLine(text: string): AuditLine | undefined {
  const fields = fieldsOf(text)
  if (fields === undefined || typeof fields['id'] !== 'string' || typeof fields['at'] !== 'number') return undefined
  // We wrote it, on one line: what has these members has the others.
  const isBegun =
    fields['is'] === 'begun' && Array.isArray(fields['words']) && typeof fields['by'] === 'object' && fields['by'] !== null
  if (isBegun) return fields as unknown as Begun
  return fields['is'] === 'ended' && Array.isArray(fields['problems']) ? (fields as unknown as Ended) : undefined
}

/** The commands of the trail with what came of each, in the order in which they began. */
export function auditEntries(lines: Iterable<AuditLine>): readonly AuditEntry[] {
  const entries = new Map<string, AuditEntry>()
  for (const line of lines) {
    const before = entries.get(line.id)
    if (line.is === 'begun') entries.set(line.id, { begun: line, ended: undefined })
    else if (before !== undefined) entries.set(line.id, { ...before, ended: line })
  }
  return [...entries.values()]
}

/** Whether a command was about a plugin: it was named, alone or by a pattern (`matches`), or the release was of it. */
export function isAbout(
  { begun, ended }: AuditEntry,
  plugin: string,
  matches: (name: string, pattern: string) => boolean,
): boolean {
  return ended?.plugin === plugin || begun.words.some((word) => nameIn(word) === plugin || matches(plugin, word))
}

/** Of a path the last part; of a release file the name before its version. */
function nameIn(word: string): string {
  const last = word.replace(/\/+$/, '').replace(/^.*\//, '')
  return last.replace(/-\d[^-]*-[^-]+?(\.metwork\.mfserv)?\.plugin$/, '')
}

/** `jane (sudo) pts/3 from 10.0.0.5`. */
export function callerText({ user, sudoUser, terminal, ssh, parent }: Caller): string {
  const who = sudoUser === undefined ? user : `${sudoUser} as ${user}`
  const where = [terminal ?? parent, ssh === undefined ? undefined : `from ${ssh}`].filter((one) => one !== undefined)
  return [who, ...where].join(' ')
}
