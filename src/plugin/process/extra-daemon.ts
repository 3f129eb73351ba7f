import { oldWords } from '../../config/names/old-names.ts'
import { Problem, type Where } from '../../problem.ts'
import { DAEMON_KEYS } from '../keys.ts'
import type { ExtraDaemon } from '../plugin.ts'
import { type Reading, readSection } from '../section.ts'
import type { PluginSection } from '../sections.ts'
import { limitsOf, lineIn, nameProblems } from './app.ts'
import { boundsIn } from './bounds-in.ts'
import { logSplitOf } from './log-split.ts'

export interface ReadDaemon {
  readonly daemon: ExtraDaemon
  readonly texts: ReadonlyMap<string, string>
  readonly problems: readonly Problem[]
}

/** The daemon of `redis_service = 1`, and why there cannot be one. `where`: of that key. */
export function redisDaemon(where: Where, others: readonly ExtraDaemon[]): ReadDaemons {
  if (others.some(({ name }) => name === REDIS)) {
    const fix = `Give the section [extra_daemon_${REDIS}] another name.`
    const message = `redis_service runs a daemon named ${REDIS}, and a section has that name too`
    return { daemons: [], problems: [new Problem('INI_DUPLICATE', message, fix, where)] }
  }
  const limits = { as: undefined, nofile: undefined, nproc: undefined, stack: undefined, core: undefined, fsize: undefined }
  const common = { lines: { entry: where.line }, command: 'redis-server', numprocesses: 1, gracefulTimeout: 10, maxAge: 0 }
  return { daemons: [{ name: REDIS, service: 'redis', where, ...common, debug: false, limits }], problems: [] }
}

interface ReadDaemons {
  readonly daemons: readonly ExtraDaemon[]
  readonly problems: readonly Problem[]
}

/** No section of MFSERV had this name for it. */
const REDIS = 'redis_service'

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
    ...boundsIn(values),
    ...logSplitOf(values),
  }
  const old = oldWords(values.cmd_and_args, given.get('cmd_and_args') ?? section.where)
  return { daemon, texts, problems: [...nameProblems(name, section), ...problems, ...old] }
}
