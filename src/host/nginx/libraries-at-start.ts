import { writeFileSync } from 'node:fs'
import { textOf } from '../disk/text-of.ts'
import type { Paths } from '../home/paths.ts'
import type { NginxProgram } from './program.ts'

/** A reload loads modules too, and looks for what they are linked with where the nginx that runs was told to when it was started. */
export function asItRuns(program: NginxProgram, paths: Paths): NginxProgram {
  const { lua } = program.machine
  if (lua === undefined || lua.directories.length === 0 || textOf(keptFile(paths)) === librariesOf(program)) return program
  return { ...program, machine: { ...program.machine, lua: { ...lua, needsRestart: true } } }
}

/** nginx writes over its own environment, so what it is told is written down. */
export function keepLibraries(program: NginxProgram, paths: Paths): void {
  writeFileSync(keptFile(paths), librariesOf(program))
}

function librariesOf({ env }: NginxProgram): string {
  return env['LD_LIBRARY_PATH'] ?? ''
}

function keptFile({ nginxPid }: Paths): string {
  return `${nginxPid}.libraries`
}
