import { type Bench, must, type Step } from './bench.ts'
import { haveTime, PAGES, type Page } from './steps.ts'

/*
 * A machine without a network card: somebody brings the package on a disk, with what it depends on and some releases.
 */

/** How long it may take from the package to the last page. */
const SERVED_WITHIN_S = 30
/** The same on an emulated machine that shares its processors with nothing. */
const SERVED_WITHIN_S_EMULATED = 300

let began = { at: 0, used: 0 }

export const OFFLINE_STEPS: readonly Step[] = [
  { name: 'no network', run: ({ guest }) => must(guest.run('root', 'test "$(ls /sys/class/net)" = lo')) },
  { name: 'apt install', run: installPackage },
  { name: 'mfserv.start (package)', run: start },
  ...PAGES.map((page): Step => ({ name: `${page.template}: install offline`, run: (on) => install(page, on) })),
  { name: 'in time', run: inTime },
  { name: 'nothing written to /usr/lib', run: untouched },
]

async function installPackage({ guest }: Bench): Promise<void> {
  await must(guest.run('root', 'mkdir -p /srv/in && tar -xf /dev/vdb -C /srv/in && chmod -R a+rX /srv/in'))
  began = { at: performance.now(), used: guest.processorSeconds() }
  await must(
    guest.run(
      'root',
      'DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends /srv/in/debs/*.deb /srv/in/mfserv.deb',
    ),
  )
  await must(guest.run('root', 'touch /srv/installed'))
}

async function start(on: Bench): Promise<void> {
  await must(on.guest.run(on.user, 'mfserv --version && mfserv.start'))
  await haveTime(on)
}

/** The machine has no port that leads outside, so the page is asked for in it. */
async function install({ plugin, text }: Page, { guest, user }: Bench): Promise<void> {
  await must(guest.run(user, `plugins.install /srv/in/plugins/${plugin}-*.plugin`))
  const program = `import sys, urllib.request
page = urllib.request.urlopen("http://127.0.0.1:18868/${plugin}/", timeout=120).read().decode()
sys.exit(None if ${JSON.stringify(text)} in page else page)`
  await must(guest.run(user, `cat >page.py <<'END'\n${program}\nEND\npython3 page.py`))
}

/** On a busy machine the processor time counts. */
async function inTime({ guest, isEmulated, tell }: Bench): Promise<void> {
  const seconds = (performance.now() - began.at) / 1000
  const used = guest.processorSeconds() - began.used
  const seen = `from the package to the last page it took ${seconds.toFixed(0)} s, and ${used.toFixed(0)} s of processor time`
  tell(seen)
  if (Math.min(seconds, used) > (isEmulated ? SERVED_WITHIN_S_EMULATED : SERVED_WITHIN_S)) throw new Error(seen)
}

async function untouched({ guest }: Bench): Promise<void> {
  await must(guest.run('root', 'test -z "$(find /usr/lib/mfserv -newer /srv/installed)" && test -z "$(dpkg --verify mfserv)"'))
}
