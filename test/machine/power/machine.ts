import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { must } from '../bench.ts'
import { boot, type Guest, type Hardware, resume } from '../guest.ts'
import { CACHE, type Image } from '../image.ts'
import { HOME, STOCK, USER } from './places.ts'

/** A machine that serves, as it was in one moment: its disk and its memory. */
export interface Frozen {
  readonly image: Image
  readonly tar: string
  readonly disk: string
  readonly memory: string
}

/** Of the machine that all trials begin with. It is made once for each package, and kept. */
export async function frozenMachine(image: Image, tar: string, say: (line: string) => void): Promise<Frozen> {
  const [disk, memory] = [join(CACHE, 'power.qcow2'), join(CACHE, 'power.memory')]
  const made = `${disk}.of`
  const of = await recipe(image, tar)
  const frozen: Frozen = { image, tar, disk, memory }
  if (existsSync(made) && readFileSync(made, 'utf8') === of) return frozen
  for (const file of [disk, memory, made]) rmSync(file, { force: true })
  const log = (line: string): void => say(`  ${line}`)
  const guest = await boot({ image, disk, tar, say: log })
  try {
    await furnish(guest, say)
    await guest.freeze(memory)
  } finally {
    await guest.cut()
  }
  writeFileSync(made, of)
  return frozen
}

async function recipe(image: Image, tar: string): Promise<string> {
  const hash = createHash('sha256').update(image.disk)
  for (const name of ['machine.ts', '../guest.ts']) hash.update(readFileSync(join(import.meta.dirname, name)))
  await pipeline(createReadStream(tar), hash)
  return hash.digest('hex')
}

async function furnish(guest: Guest, say: (line: string) => void): Promise<void> {
  const root = async (doing: string, script: string): Promise<void> => {
    say(doing)
    await must(guest.run('root', script))
  }
  const asUser = async (doing: string, script: string): Promise<void> => {
    say(doing)
    await must(guest.run(USER, script))
  }
  await root('Unpacking what it is brought', `mkdir -p ${STOCK} && tar -xf /dev/vdb -C ${STOCK} && chmod -R a+rX ${STOCK}`)
  const install = 'DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends'
  await root('Installing the package', `${install} ${STOCK}/debs/*.deb ${STOCK}/mfserv.deb && systemctl disable --now nginx`)
  // So few bytes make a log that a trial fills in a moment. No release of these machines is removed because it is the fourth.
  const settings =
    '[supervisor]\\nstart_timeout = 1800\\n\\n[log]\\nmax_size_before_rotation = 200000\\n\\n[releases]\\nkeep = 9\\n'
  await asUser('Writing the settings', `umask 077 && mkdir -p ${HOME}/config && printf '${settings}' >${HOME}/config/config.ini`)
  await root('Making it a service', `mfserv service install --user ${USER} --now`)
  const file = (name: string): string => `${STOCK}/plugins/${name}-1.metwork.mfserv.plugin`
  await asUser('Installing a plugin', `plugins.install ${file('spare-1')}`)
  await asUser('Installing another', `plugins.install ${file('site-1')}`)
  await asUser('Replacing its release', `plugins.hotswap --watch 1 ${file('site-2')}`)
  await root('Looking at it', `until [ -s ${HOME}/var/data/site/ticks ]; do sleep 1; done`)
  await asUser('Asking for its state', 'mfserv.status')
  await root('Writing everything to the disk', 'journalctl --flush; sync')
}

/** One trial: a layer of its own over the disk of the frozen machine. */
export interface Trial {
  /** The machine where it was frozen. */
  readonly goOn: () => Promise<Guest>
  /** The machine after its power came back: nothing but what is on the disk. */
  readonly bootAgain: () => Promise<Guest>
  readonly remove: () => void
  readonly console: string
}

export function trialOf({ image, tar, disk, memory }: Frozen, say: (line: string) => void): Trial {
  const layer = join(CACHE, 'power-trial.qcow2')
  const remove = (): void => {
    for (const end of ['', '.agent', '.monitor', '.console']) rmSync(`${layer}${end}`, { force: true })
  }
  remove()
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', disk, layer])
  const hardware: Hardware = { image, tar, disk: layer, syncs: 'honest', say }
  return { goOn: () => resume(hardware, memory), bootAgain: () => boot(hardware), remove, console: layer }
}
