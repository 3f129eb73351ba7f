import { basename, dirname, resolve, sep } from 'node:path'
import type { Settings } from '../../../config/settings.ts'
import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { LogFollower, leftOutText } from '../../../host/logs/log-follower.ts'
import { log } from '../../../host/logs/logger.ts'
import { jsonFile, onlyFrom, type Sender, senderTo, type Tell } from '../../../host/logs/senders.ts'
import { readModule } from '../../../host/module/module-environment.ts'
import { now } from '../../../host/process/clock.ts'
import { Interruption } from '../../../host/process/interruption.ts'
import { sendTo } from '../../../log/out.ts'
import { sourceOf } from '../../../log/source.ts'
import { Problem } from '../../../problem.ts'

const LOOK_MS = 500
/** What the daemon gives this command for its own words. */
const OWN_LOG = 'send_logs.log'

/** Until it is told to end, or until the daemon that started it has. What it says is in log/send_logs.log, which nobody sends. */
export async function run(): Promise<undefined> {
  const paths = pathsOf(runtimeHome())
  const senders = sendersOf(readModule(paths, process.env).config.settings.log, paths.log)
  const parent = process.ppid
  const follower = new LogFollower(paths.log, {})
  const interruption = Interruption.begin()
  try {
    while (!interruption.hasCome && process.ppid === parent) {
      const { records, leftOut, isBehind } = follower.look(now())
      for (const one of leftOut) log('WARNING', leftOutText(one))
      for (const { send } of senders) await interruption.unless(send(records))
      if (!isBehind) await interruption.pause(LOOK_MS)
    }
  } finally {
    interruption.end()
    for (const { close } of senders) close()
  }
  return undefined
}

function sendersOf(settings: Settings['log'], directory: string): readonly Sender[] {
  const { json_file: json, json_minimal_level: jsonLevel, send_to: to, send_minimal_level: level, chmod } = settings
  const target = sendTo(to)
  const senders = [
    ...(json === '' ? [] : [onlyFrom(jsonLevel, jsonFileAt(jsonPath(json, directory), directory, chmod))]),
    ...(target === undefined ? [] : [onlyFrom(level, senderTo(target, tellOnce()))]),
  ]
  if (senders.length > 0) return senders
  throw new Problem('USAGE', 'no log record is to be sent anywhere', 'Set json_file or send_to of [log] in config/config.ini.')
}

/** In `log/` a file is for the user of mfserv alone, as the others there. */
function jsonFileAt(path: string, directory: string, rights: number): Sender {
  return path.startsWith(`${directory}${sep}`) ? jsonFile(path) : jsonFile(path, rights)
}

/** Records that were sent into a log would be sent again, without an end. */
function jsonPath(written: string, directory: string): string {
  const path = resolve(directory, written)
  if (dirname(path) !== directory || (sourceOf(basename(path)) === undefined && basename(path) !== OWN_LOG)) return path
  const fix = 'Write another name, such as json_logs.log.'
  throw new Problem('INI_BAD_VALUE', `json_file of [log] is ${written}, which is a log that records come from`, fix, {
    file: path,
  })
}

/** Once a minute: who is not there now is asked with each record. */
function tellOnce(): Tell {
  let told = 0
  return (why) => {
    if (now() - told < 60_000) return
    told = now()
    log('WARNING', `log records are not sent: ${why}`)
  }
}
