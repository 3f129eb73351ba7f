import { oldWords } from '../../config/names/old-names.ts'
import type { Problem } from '../../problem.ts'
import { DAEMON_KEYS } from '../keys.ts'
import type { ExtraDaemon } from '../plugin.ts'
import { type Reading, readSection } from '../section.ts'
import type { PluginSection } from '../sections.ts'
import { limitsOf, lineIn, nameProblems } from './app.ts'

export interface ReadDaemon {
  readonly daemon: ExtraDaemon
  readonly texts: ReadonlyMap<string, string>
  readonly problems: readonly Problem[]
}

/** `[extra_daemon_<name>]` of either dialect. */
export function readDaemon(section: PluginSection, reading: Reading): ReadDaemon {
  const name = section.name.slice('extra_daemon_'.length)
  const { values, given, texts, problems } = readSection(section, DAEMON_KEYS, reading)
  const daemon = {
    name,
    where: section.where,
    lines: { entry: lineIn(section.where, given.get('cmd_and_args')) },
    command: values.cmd_and_args,
    numprocesses: values.numprocesses,
    gracefulTimeout: values.graceful_timeout,
    maxAge: values.max_age,
    debug: values.debug,
    limits: limitsOf(values),
  }
  const old = oldWords(values.cmd_and_args, given.get('cmd_and_args') ?? section.where)
  return { daemon, texts, problems: [...nameProblems(name, section), ...problems, ...old] }
}
