import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { overCaller } from '../../desired/caller-environment.ts'
import { isError, Problem, Problems } from '../../problem.ts'
import { lockBuild } from '../environments/build.ts'
import type { Paths } from '../home/paths.ts'
import { readModule } from '../module/module-environment.ts'
import { type Report, runTool } from '../process/run-tool.ts'
import { readOverridesOf } from './override-files.ts'
import { placeOf } from './plugin-environment.ts'
import { POSTINSTALL, postinstallOf, readSources } from './read-plugin.ts'

/**
 * Runs the executable `postinstall` of the plugin in `home`, in its directory and its environment; nothing when it has none.
 * To be done after the plugin is built and before it takes the place of what is installed: a script that fails throws
 * `POSTINSTALL_FAILED` with its own output, and changes nothing of what is served. Throws Problems when the files of the
 * plugin are not right, `BUSY` while the plugin is being built.
 */
export async function runPostinstall(home: string, paths: Paths, env: NodeJS.ProcessEnv, report: Report): Promise<void> {
  const kind = postinstallOf(home)
  if (kind === 'not executable')
    report(`${POSTINSTALL} is not executable, so it is not run. To have it run: chmod +x ${POSTINSTALL}`)
  if (kind !== 'executable') return
  const module = readModule(paths, env)
  const overrides = readOverridesOf(home, paths, env)
  const { plugin, problems } = readSources(home, module.variables, overrides.texts)
  if (plugin === undefined) throw new Problems(problems.filter(isError))
  const { environment } = placeOf(plugin, module, paths, env)
  const lock = lockBuild(home)
  try {
    await run(home, overCaller(environment, env), report)
  } finally {
    lock.release()
  }
}

async function run(home: string, env: NodeJS.ProcessEnv, report: Report): Promise<void> {
  const file = join(home, POSTINSTALL)
  if (hasWindowsLineEnds(file)) {
    const fix = `Save it with Unix line ends, or: sed -i 's/\\r$//' ${file}`
    throw new Problem('POSTINSTALL_FAILED', `${POSTINSTALL} has Windows line ends, so its first line names no program`, fix, {
      file,
      line: 1,
    })
  }
  const install = `Let its first line name a program that is here, such as #!/usr/bin/env bash, in ${file}.`
  const result = await runTool({ argv: [file], cwd: home, env, doing: `Running ${POSTINSTALL}`, install }, report)
  if (result.is === 'done') return
  const line = lineOf(result.message)
  const fix = 'Fix what the message says, then run the command again. Nothing was installed; what was served before goes on.'
  const where = { file, ...(line === undefined ? {} : { line }) }
  throw new Problem('POSTINSTALL_FAILED', `postinstall failed with ${result.endedWith}:\n${result.message}`, fix, where)
}

/** As a shell (`postinstall: line 3:`, `postinstall: 3:`) and Python (`postinstall", line 3`) name the place, the last one. */
function lineOf(message: string): number | undefined {
  const named = [...message.matchAll(/postinstall(?:: line |: |", line )(\d+)/g)].at(-1)
  return named === undefined ? undefined : Number(named[1])
}

/** The system would look for a program whose name ends with the carriage return, and say that the script itself is missing. */
function hasWindowsLineEnds(file: string): boolean {
  return /^#![^\n]*\r\n/.test(readFileSync(file, 'latin1'))
}
