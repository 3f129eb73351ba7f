import { type Bench, must, type Step } from '../bench.ts'
import { installPackage } from '../packaged.ts'
import { MANY, mustAnswer, SOME, underLoad } from './load.ts'
import { isBackWithin, mustHaveEnded, SETTINGS } from './steps.ts'
import { replaces, root, status } from './systemd.ts'

/*
 * A server with the package, on which an ordinary user makes mfserv a service of his own.
 */

export const USER_SERVICE_STEPS: readonly Step[] = [
  { name: 'apt install mfserv', run: installPackage },
  { name: 'service install (user)', run: become },
  underLoad('systemctl --user reload', MANY, (on) => replaces('systemctl --user reload mfserv', on.user, on)),
  underLoad('kill -9 (user)', SOME, (on) => isBackWithin(0, 'KILL', on)),
  { name: 'reboot (user)', run: reboot },
  { name: 'service remove (user)', run: remove },
]

/** Only an administrator can let a user linger here: the command says what he has to type. */
async function become(on: Bench): Promise<void> {
  await must(on.guest.run(on.user, SETTINGS))
  const { output } = await on.guest.run(on.user, 'mfserv service install')
  const [typed] = /loginctl enable-linger \S+/.exec(output) ?? []
  if (typed === undefined) throw new Error(`it does not say what an administrator has to type:\n${output}`)
  await root(typed, on)
  await must(on.guest.run(on.user, 'mfserv service install --now && plugins.install /srv/in/pages.plugin'))
  await mustAnswer(on)
  const { daemon } = await status(on)
  if (daemon.service !== 'systemd') throw new Error(`the daemon is no service: ${JSON.stringify(daemon)}`)
}

/** Nobody logs in. */
async function reboot(on: Bench): Promise<void> {
  await on.guest.reboot()
  await root(`until runuser -u ${on.user} -- mfserv.status >/dev/null 2>&1; do sleep 1; done`, on)
  await mustAnswer(on)
}

async function remove(on: Bench): Promise<void> {
  await must(on.guest.run(on.user, 'mfserv service remove'))
  await mustHaveEnded(on)
}
