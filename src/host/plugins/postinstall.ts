import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { overCaller } from '../../desired/caller-environment.ts'
import type { Sandbox } from '../../desired/sandbox/facts.ts'
import { sandboxProblems } from '../../desired/sandbox/missing.ts'
import { sandboxOf } from '../../desired/sandbox/sandbox.ts'
import type { Plugin } from '../../plugin/plugin.ts'
import { isError, Problem, Problems } from '../../problem.ts'
import { lockBuild } from '../environments/build.ts'
import type { Paths } from '../home/paths.ts'
import { readHardware } from '../module/hardware.ts'
import { readModuleFacts } from '../module/machine.ts'
import { type ModuleOnDisk, readModule } from '../module/module-environment.ts'
import { type Report, runTool } from '../process/run-tool.ts'
import { enter } from '../sandbox/enter.ts'
import { linkOut } from '../sandbox/links-out.ts'
import { sandboxFacts } from '../sandbox/probe.ts'
import { asInstalled } from './installed.ts'
import { readOverridesOf } from './override-files.ts'
import { placeOf } from './plugin-environment.ts'
import { POSTINSTALL, postinstallOf, readSources } from './read-plugin.ts'

/**
 * Runs the executable `postinstall` of the plugin in `home`, in its directory and its environment; nothing when it has none.
 * To be done after the plugin is built and before it takes the place of what is installed: a script that fails throws
 * `POSTINSTALL_FAILED` with its own output, and changes nothing of what is served. Throws Problems when the files of the
 * plugin are not right, `BUSY` while the plugin is being built.
 *
 * At an installation it is the code of somebody else: it runs in the sandbox of the plugin, and without a network. What a
 * developer runs is his own.
 */
export async function runPostinstall(
  home: string,
  paths: Paths,
  env: NodeJS.ProcessEnv,
  report: Report,
  when: 'development' | 'installation' = 'development',
): Promise<void> {
  const kind = postinstallOf(home)
  if (kind === 'not executable')
    report(`${POSTINSTALL} is not executable, so it is not run. To have it run: chmod +x ${POSTINSTALL}`)
  if (kind !== 'executable') return
  const module = readModule(paths, env)
  const overrides = readOverridesOf(home, paths, env)
  const { plugin, problems } = readSources(home, module.variables, overrides.texts)
  if (plugin === undefined) throw new Problems(problems.filter(isError))
  const { environment, entries } = placeOf(plugin, module, paths, env)
  const layers = entries.flatMap((entry) => entry.plugin ?? [])
  const sandbox = when === 'installation' ? sandboxOfScript(plugin, layers, module, paths, env, report) : undefined
  const lock = lockBuild(home)
  try {
    await run(home, sandbox, overCaller(environment, env), report)
    if (sandbox?.is === 'in force') refuseLinksOut(home, sandbox, paths)
  } finally {
    lock.release()
  }
}

/** It may write to the release, which is not in use yet. */
function sandboxOfScript(
  plugin: Plugin,
  layers: readonly Plugin[],
  { config: { settings } }: ModuleOnDisk,
  paths: Paths,
  env: NodeJS.ProcessEnv,
  report: Report,
): Sandbox | undefined {
  const machine = { ...readModuleFacts(paths, readHardware(), env), sandbox: sandboxFacts() }
  const problems = sandboxProblems(plugin, settings.sandbox, machine)
  if (problems.some(isError)) throw new Problems(problems)
  for (const { message, fix } of problems) report(`${message}. ${fix}`)
  const [own, ...others] = [plugin, ...layers].map((one) => asInstalled(one, { is: 'installed', at: one.home }))
  const sandbox = own === undefined ? undefined : sandboxOf({ ...own, layers: others }, settings.sandbox, machine)
  return sandbox?.is === 'in force' ? { ...sandbox, writes: [...sandbox.writes, plugin.home] } : undefined
}

async function run(home: string, sandbox: Sandbox | undefined, caller: NodeJS.ProcessEnv, report: Report): Promise<void> {
  const file = join(home, POSTINSTALL)
  if (hasWindowsLineEnds(file)) {
    const fix = `Save it with Unix line ends, or: sed -i 's/\\r$//' ${file}`
    throw new Problem('POSTINSTALL_FAILED', `${POSTINSTALL} has Windows line ends, so its first line names no program`, fix, {
      file,
      line: 1,
    })
  }
  const install = `Let its first line name a program that is here, such as #!/usr/bin/env bash, in ${file}.`
  const own = Object.fromEntries(Object.entries(caller).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
  const { words, env } = enter(sandbox, home, own, [], 'none')
  const [program = file, ...rest] = [...words, file]
  const result = await runTool({ argv: [program, ...rest], cwd: home, env, doing: `Running ${POSTINSTALL}`, install }, report)
  if (result.is === 'done') return
  const unknown = /^mfserv sandbox: failed to execute .*: (.*)$/m.exec(result.message)
  if (unknown !== null) throw new Problem('TOOL_MISSING', `${file} cannot be run: ${unknown[1]}`, install)
  const line = lineOf(result.message)
  const kept = sandbox?.is === 'in force' ? ` ${KEPT_IN}` : ''
  const fix = 'Fix what the message says, then run the command again. Nothing was installed; what was served before goes on.'
  const where = { file, ...(line === undefined ? {} : { line }) }
  throw new Problem(
    'POSTINSTALL_FAILED',
    `postinstall failed with ${result.endedWith}:\n${result.message}`,
    `${fix}${kept}`,
    where,
  )
}

/** A link that is dead now may lead somewhere later; what is below the runtime home is there. */
function refuseLinksOut(home: string, { writes }: Extract<Sandbox, { is: 'in force' }>, { runtimeHome }: Paths): void {
  const file = linkOut(home, runtimeHome, writes)
  if (file === undefined) return
  const fix = 'Let postinstall make links only to files of the plugin, to its data directory and to the system.'
  throw new Problem('POSTINSTALL_FAILED', `postinstall made a link to what the sandbox hides from the plugin: ${file}`, fix, {
    file,
  })
}

const KEPT_IN =
  'At an installation it runs in the sandbox of the plugin and has no network; an administrator who trusts it writes the name of the plugin at off of [sandbox].'

/** As a shell (`postinstall: line 3:`, `postinstall: 3:`) and Python (`postinstall", line 3`) name the place, the last one. */
function lineOf(message: string): number | undefined {
  const named = [...message.matchAll(/postinstall(?:: line |: |", line )(\d+)/g)].at(-1)
  return named === undefined ? undefined : Number(named[1])
}

/** The system would look for a program whose name ends with the carriage return, and say that the script itself is missing. */
function hasWindowsLineEnds(file: string): boolean {
  return /^#![^\n]*\r\n/.test(readFileSync(file, 'latin1'))
}
