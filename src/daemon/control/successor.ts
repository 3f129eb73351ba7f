import { spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { join } from 'node:path'
import type { SuccessorAnswer } from '../../control/protocol.ts'
import type { Paths } from '../../host/home/paths.ts'
import { openLog } from '../../host/logs/log-file.ts'
import type { ServiceManager } from '../../host/service/service-manager.ts'

/**
 * By way of a shell that ends at once, so that the new daemon is a child of systemd and not of this one: systemd waits for the
 * end of no other process, and kills a main process that is none of its children without waiting when the service stops.
 */
const APART = 'setsid "$@" >&4 2>&4 4>&- & echo $!'

/**
 * Starts the daemon that is to take the place of this one within the service of this one: systemd takes as the main process only
 * what runs in it already, and whoever asks for the new daemon may run anywhere.
 */
export async function startSuccessor(command: unknown, paths: Paths, manager: ServiceManager): Promise<SuccessorAnswer> {
  const given = manager.forSuccessor()
  if (given === undefined) return { is: 'no service' }
  if (!isCommand(command)) throw new Error('the command of the new daemon is no list of words')
  const output = openLog(join(paths.log, 'mfserv.log'))
  const shell = spawn('/bin/sh', ['-c', APART, 'sh', ...command], {
    cwd: paths.runtimeHome,
    detached: true,
    env: { ...process.env, ...given.env },
    stdio: ['ignore', 'pipe', output, given.file, output],
  })
  closeSync(output)
  let said = ''
  shell.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await new Promise((resolve, reject) => {
    shell.once('error', reject)
    shell.once('close', resolve)
  })
  return { is: 'started', pid: Number(said) }
}

function isCommand(value: unknown): value is readonly [string, ...string[]] {
  return Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === 'string')
}
