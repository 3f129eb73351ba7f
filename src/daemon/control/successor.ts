import { spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { join } from 'node:path'
import type { SuccessorAnswer } from '../../control/protocol.ts'
import type { Paths } from '../../host/home/paths.ts'
import { openLog } from '../../host/logs/log-file.ts'
import type { ServiceManager } from '../../host/service/service-manager.ts'

/**
 * Starts the daemon that is to take the place of this one as a child of this one: systemd takes as the main process of its
 * service only what runs in it already, and whoever asks for the new daemon may run anywhere.
 */
export function startSuccessor(command: unknown, paths: Paths, manager: ServiceManager): SuccessorAnswer {
  const given = manager.forSuccessor()
  if (given === undefined) return { is: 'no service' }
  if (!isCommand(command)) throw new Error('the command of the new daemon is no list of words')
  const [program, ...words] = command
  const output = openLog(join(paths.log, 'mfserv.log'))
  const child = spawn(program, words, {
    cwd: paths.runtimeHome,
    detached: true,
    env: { ...process.env, ...given.env },
    stdio: ['ignore', output, output, given.file],
  })
  closeSync(output)
  // Whoever asked sees that it is not there.
  child.on('error', () => undefined)
  child.unref()
  return { is: 'started', pid: child.pid ?? 0 }
}

function isCommand(value: unknown): value is readonly [string, ...string[]] {
  return Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === 'string')
}
