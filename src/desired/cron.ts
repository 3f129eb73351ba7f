import type { DesiredCronJob } from './desired.ts'
import { type Machine, type ModuleEnvironment, pluginEnvironment } from './environment.ts'
import type { LayeredPlugin } from './installed.ts'

const ID_LENGTH = 8

/** The jobs of a plugin's crontab. `environment`: that of the module. `digest`: of a text, hexadecimal. */
export function desiredCron(
  installed: LayeredPlugin,
  environment: ModuleEnvironment,
  machine: Machine,
  digest: (text: string) => string,
): readonly DesiredCronJob[] {
  const { plugin, layers } = installed
  const ofPlugin = pluginEnvironment(environment, installed, layers)
  return plugin.crontab.map(({ name, where, schedule, zone, command, shell, input, env }) => {
    const id = digest(name).slice(0, ID_LENGTH)
    return {
      plugin: plugin.name,
      id,
      line: where.line,
      schedule,
      zone,
      command,
      shell,
      input,
      env: { ...ofPlugin, ...env },
      cwd: plugin.home,
      logFile: `${machine.log}/cron_${plugin.name}_${id}.log`,
    }
  })
}
