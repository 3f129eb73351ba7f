import type { DesiredCronJob } from './desired.ts'
import { type Machine, pluginEnvironment } from './environment.ts'
import type { LayeredPlugin } from './installed.ts'
import { sandboxOf } from './sandbox/sandbox.ts'
import type { DesireSettings } from './settings.ts'

const ID_LENGTH = 8

/** The jobs of a plugin's crontab. `digest`: of a text, hexadecimal. */
export function desiredCron(
  installed: LayeredPlugin,
  settings: Pick<DesireSettings, 'environment' | 'sandbox'>,
  machine: Machine,
  digest: (text: string) => string,
): readonly DesiredCronJob[] {
  const { plugin, layers } = installed
  const ofPlugin = pluginEnvironment(settings.environment, installed, layers)
  const sandbox = sandboxOf(installed, settings.sandbox, machine)
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
      ...(sandbox === undefined ? {} : { sandbox }),
      logFile: `${machine.log}/cron_${plugin.name}_${id}.log`,
    }
  })
}
