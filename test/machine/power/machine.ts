import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { must } from '../bench.ts'
import { bootDisk } from '../container.ts'
import { boot, type Guest, resume } from '../guest.ts'
import { CACHE, type Image } from '../image.ts'
import { HOME, ROOT, STOCK, USER } from './places.ts'

/** A machine that serves, as it was in one moment: its memory, and the image of its disk. */
export interface Frozen {
  readonly image: Image
  readonly tar: string
  readonly memory: string
  /** The recipe that it was made by. */
  readonly of: string
}

/** Of the machine that all trials begin with. It is made once for each package, and kept. */
export async function frozenMachine(image: Image, tar: string, say: (line: string) => void): Promise<Frozen> {
  const [disk, memory, made] = ['power.img', 'power.memory', 'power.of'].map((name) => join(CACHE, name)) as [
    string,
    string,
    string,
  ]
  const of = await recipe(image, tar)
  const frozen: Frozen = { image: { ...image, disk }, tar, memory, of }
  if (existsSync(made) && readFileSync(made, 'utf8') === of) return frozen
  for (const file of [disk, memory, made]) rmSync(file, { force: true })
  say('Installing the package')
  execFileSync('cp', ['--sparse=always', image.disk, disk])
  installOn(disk, tar)
  const guest = await bootFrom(disk, frozen, (line) => say(`  ${line}`))
  try {
    await furnish(guest, say)
    await guest.freeze(memory)
  } finally {
    await guest.cut()
  }
  execFileSync('qemu-img', ['commit', '-q', LAYER])
  writeFileSync(made, of)
  return frozen
}

async function recipe(image: Image, tar: string): Promise<string> {
  const hash = createHash('sha256').update(image.disk)
  for (const name of ['machine.ts', '../guest.ts']) hash.update(readFileSync(join(import.meta.dirname, name)))
  await pipeline(createReadStream(tar), hash)
  return hash.digest('hex')
}

/** What needs no systemd is done on this machine, in a directory: an emulated one would take ten times as long. */
const INSTALL = `
mount -o loop "$1" "$2"
mkdir -p "$2${STOCK}" && tar -xf "$3" -C "$2${STOCK}" && chmod -R a+rX "$2${STOCK}"
mount -t proc proc "$2/proc"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin
chroot "$2" sh -ec '
  printf "#!/bin/sh\\nexit 101\\n" >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d
  apt-get -q install -y --no-install-recommends ${STOCK}/debs/*.deb ${STOCK}/mfserv.deb >/dev/null
  rm /usr/sbin/policy-rc.d
  systemctl --quiet disable nginx'
umount -R "$2"
`

function installOn(disk: string, tar: string): void {
  mkdirSync(ROOT, { recursive: true })
  const words = ['--mount', '--pid', '--fork', 'sh', '-ec', INSTALL, 'sh', disk, ROOT, tar]
  execFileSync('unshare', words, { stdio: ['ignore', 'inherit', 'inherit'] })
}

async function furnish(guest: Guest, say: (line: string) => void): Promise<void> {
  const done = async (user: string, doing: string, script: string): Promise<void> => {
    say(doing)
    await must(guest.run(user, script))
  }
  // So few bytes make a log that a trial fills in a moment. No release of these machines is removed because it is the fourth.
  const settings =
    '[supervisor]\\nstart_timeout = 1800\\n\\n[log]\\nmax_size_before_rotation = 200000\\n\\n[releases]\\nkeep = 9\\n'
  await done(
    USER,
    'Writing the settings',
    `umask 077 && mkdir -p ${HOME}/config && printf '${settings}' >${HOME}/config/config.ini`,
  )
  await done('root', 'Making it a service', `mfserv service install --user ${USER} --now`)
  const file = (name: string): string => `${STOCK}/plugins/${name}-1.metwork.mfserv.plugin`
  await done(USER, 'Installing a plugin', `plugins.install ${file('spare-1')}`)
  await done(USER, 'Installing another', `plugins.install ${file('site-1')}`)
  await done(USER, 'Replacing its release', `plugins.hotswap --watch 1 ${file('site-2')}`)
  await done('root', 'Looking at it', `until [ -s ${HOME}/var/data/site/ticks ]; do sleep 1; done`)
  await done(USER, 'Asking for its state', 'mfserv.status')
  await done('root', 'Writing everything to the disk', 'journalctl --flush; sync')
}

/** The machine where it was frozen, on a disk of its own; `record` gets all that it asks of that. */
export async function goOn({ image, tar, memory }: Frozen, record: string, say: (line: string) => void): Promise<Guest> {
  return await resume({ image, tar, disk: emptyLayer(), record, say }, memory)
}

/** A machine that finds this disk when it is switched on. */
export async function bootFrom(disk: string, { image, tar }: Frozen, say: (line: string) => void): Promise<Guest> {
  return await boot({ image: { ...image, disk }, tar, disk: emptyLayer(), say })
}

/**
 * In a machine the disk has the same number after a boot. Here it has another one, so the records that bear it get that.
 */
const RENUMBER = `
find "$root${HOME}" -name '*.json' -not -path '*/.releases/*' -exec grep -l '"writtenIn":' {} + | while read -r record; do
  cp -p "$record" /run/systemd/nspawn/before
  sed -i 's/"writtenIn":"[0-9]*:/"writtenIn":"'"$(stat -c %d "$root")"':/' "$record"
  touch -r /run/systemd/nspawn/before "$record"
done`

/** A container that has this disk. */
export async function bootContained(disk: string, { image, tar }: Frozen, say: (line: string) => void): Promise<Guest> {
  return await bootDisk({ image, tar, disk, say }, RENUMBER)
}

export const LAYER = join(CACHE, 'power-trial.qcow2')

function emptyLayer(): string {
  for (const end of ['', '.agent', '.monitor', '.console']) rmSync(`${LAYER}${end}`, { force: true })
  return LAYER
}
