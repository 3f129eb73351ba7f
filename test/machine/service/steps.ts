import { type Bench, must, type Step } from '../bench.ts'
import { APT, installPackage } from '../packaged.ts'
import { MANY, mustAnswer, SOME, underLoad } from './load.ts'
import { isReplacedAfter, processes, replaces, restarts, root, status, workersOf } from './systemd.ts'

/*
 * A server with the package: mfserv is a service of the machine, as the user mfserv.
 */

const BACK_WITHIN_S = 3
/** Each start of Node takes ten times as long; where the machine that runs the test is busy, the processor time of the emulator counts. */
const BACK_WITHIN_S_EMULATED = 30
/** WatchdogSec of the unit. */
const WATCHDOG_S = 30

export const SERVICE_STEPS: readonly Step[] = [
  { name: 'apt install mfserv', run: installPackage },
  { name: 'started by hand', run: startByHand },
  underLoad('service install --now', SOME, becomeService),
  underLoad('mfserv.start beside it', SOME, startBeside),
  { name: 'journald', run: toTheJournal },
  underLoad('systemctl reload', MANY, (on) => replaces('systemctl reload mfserv', 'root', on)),
  underLoad('mfserv.restart', SOME, (on) => replaces('mfserv.restart', on.user, on)),
  underLoad('apt install the one before', MANY, (on) => otherCode(`${APT} --allow-downgrades /srv/in/before.deb`, on)),
  underLoad('apt install the newer one', MANY, (on) => otherCode(`${APT} /srv/in/mfserv.deb`, on)),
  underLoad('kill -9', SOME, (on) => isBackWithin(0, 'KILL', on)),
  underLoad('SIGSTOP', SOME, (on) => isBackWithin(WATCHDOG_S, 'STOP', on)),
  { name: 'systemctl restart', run: restart },
  { name: 'systemctl stop, start', run: stopAndStart },
  { name: 'unit changed by hand', run: changedByHand },
  { name: 'reboot (service)', run: reboot },
  { name: 'apt remove', run: remove },
]

/** After a boot, where it is a service already; what that does then is the business of `reboot`. */
export async function untilServed(on: Bench): Promise<void> {
  const waits = 'until systemctl --quiet is-active mfserv; do sleep 1; done'
  await root(`if systemctl --quiet is-enabled mfserv; then ${waits}; fi`, on)
}

const KEYS = '[supervisor]\\nstart_timeout = 1800\\n'
/** An emulated worker has time to start. */
export const SETTINGS = `umask 077 && mkdir -p metwork/mfserv/config && printf '${KEYS}' >metwork/mfserv/config/config.ini`

/** The user of the service is there before the service, and a daemon that a person has started. */
async function startByHand(on: Bench): Promise<void> {
  await root('mfserv service install && mfserv service remove && id mfserv', on)
  await must(on.guest.run(on.user, `${SETTINGS} && mfserv.start && plugins.install /srv/in/pages.plugin`))
  await mustAnswer(on)
}

/** It hands over, and neither it nor the service is started again. */
async function becomeService(on: Bench): Promise<void> {
  await replaces('mfserv service install --now', 'root', on)
  await root('service metwork status >/dev/null', on)
}

/** The daemon is the service still, and systemd has nothing to do. */
async function startBeside(on: Bench): Promise<void> {
  const before = await status(on)
  await must(on.guest.run(on.user, 'mfserv.start'))
  await must(on.guest.run('root', 'systemctl start mfserv'))
  const after = await status(on)
  if (after.daemon.pid !== before.daemon.pid || (await restarts(on)) !== 0) throw new Error('the service was started again')
}

/** The journal has the requests, and what mfserv says. */
async function toTheJournal(on: Bench): Promise<void> {
  await must(on.guest.run(on.user, 'mfserv config set log.send_to journald'))
  const request = 'python3 -c "import urllib.request as r; r.urlopen(\'http://127.0.0.1:18868/pages/?journal=1\').read()"'
  await root(`until journalctl -t mfserv | grep -q 'pages/?journal=1'; do ${request}; sleep 1; done`, on)
  await must(on.guest.run(on.user, 'mfserv config set log.send_to null'))
}

async function otherCode(script: string, on: Bench): Promise<void> {
  const before = await status(on)
  const after = await replaces(script, 'root', on)
  if (after.daemon.code === before.daemon.code) throw new Error('the daemon is still one of the code from before')
}

/** `seenAfterS`: until systemd sees it. */
export async function isBackWithin(seenAfterS: number, signal: 'KILL' | 'STOP', on: Bench): Promise<void> {
  const limitS = seenAfterS + (on.isEmulated ? BACK_WITHIN_S_EMULATED : BACK_WITHIN_S)
  const { seconds, used } = await isReplacedAfter(signal, on)
  const seen = `SIG${signal}: back after ${seconds.toFixed(1)} s, and ${used.toFixed(1)} s of processor time`
  on.tell(seen)
  if (Math.min(seconds, used) > limitS) throw new Error(seen)
}

/** Everything ends, and begins again. */
async function restart(on: Bench): Promise<void> {
  const before = workersOf(await status(on))
  await root('systemctl restart mfserv', on)
  await mustAnswer(on)
  const after = workersOf(await status(on))
  const kept = before.filter((pid) => pid !== null && after.includes(pid))
  if (kept.length > 0) throw new Error(`these went on: ${kept.join(', ')}`)
  await root(`for pid in ${before.join(' ')}; do ! [ -e /proc/$pid ] || { echo "$pid is left" && exit 1; }; done`, on)
}

/** What serves ends with the service, and comes back with it. */
async function stopAndStart(on: Bench): Promise<void> {
  if (!(await processes(on)).includes('nginx: master')) throw new Error('its processes are not seen')
  await root('systemctl stop mfserv', on)
  await mustHaveEnded(on)
  await root('systemctl start mfserv', on)
  await mustAnswer(on)
}

export async function mustHaveEnded(on: Bench): Promise<void> {
  const left = await processes(on)
  if (left !== '') throw new Error(`this is left:\n${left}`)
}

async function changedByHand(on: Bench): Promise<void> {
  await root('sed -i s/^WatchdogSec=.*/WatchdogSec=40/ /etc/systemd/system/mfserv.service', on)
  const { code, output } = await on.guest.run('root', 'mfserv service install')
  if (code !== 1 || !output.includes('was changed by hand')) throw new Error(`it ended with ${code}:\n${output}`)
  await root('mfserv service install --force && grep -q ^WatchdogSec=30 /etc/systemd/system/mfserv.service', on)
}

/** Nobody types anything. The machine has booted when the service serves. */
async function reboot(on: Bench): Promise<void> {
  await on.guest.reboot()
  await mustAnswer(on)
}

/** The service ends with the package; what is its user's stays. */
async function remove(on: Bench): Promise<void> {
  await root(
    'DEBIAN_FRONTEND=noninteractive apt-get remove -y mfserv && test -d /var/lib/mfserv/metwork/mfserv/var/plugins/pages',
    on,
  )
  await mustHaveEnded(on)
}
