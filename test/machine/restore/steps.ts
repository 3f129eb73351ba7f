import type { Load } from '../../load/client.ts'
import { type Bench, mustShow, printed, type Step } from '../bench.ts'
import { installPackage } from '../packaged.ts'
import { unharmed } from '../service/load.ts'
import { root } from '../service/systemd.ts'

/*
 * Two machines, one after the other: a server whose plugins write into databases, and the one that is made from a backup of it.
 */

/** A page of each plugin, and what its text holds. */
const PAGES = [
  ['/counter/', 'counter '],
  ['/ledger/', 'ledger '],
  ['/site/', '<html'],
] as const
/** Each request for one of these writes a row. */
const WRITING = ['/counter/', '/ledger/']
const WRITES_BEFORE = 300
const WRITES = 600

/** Of the user mfserv, on both machines. */
const HOME = '/var/lib/mfserv'
const RUNTIME = `${HOME}/metwork/mfserv`
const BACKUP = `${HOME}/mfserv.tar.gz`
/** What was answered before the backup began. */
const ANSWERS = `${HOME}/answers`
const DATABASES = 'python3 /srv/in/databases.py'

export const RESTORE_STEPS: readonly Step[] = [
  { name: 'apt install mfserv', run: installPackage },
  { name: 'plugins with databases', run: installPlugins },
  { name: 'mfserv backup', run: backUp },
  { name: 'another machine', run: carry },
  { name: 'apt install mfserv there', run: installThere },
  { name: 'damaged copies', run: refuseDamaged },
  { name: 'mfserv restore', run: restore },
  { name: 'systemctl start mfserv', run: start },
  { name: 'every write is there', run: check },
]

async function installPlugins(on: Bench): Promise<void> {
  await root('mfserv service install', on)
  const settings = '[supervisor]\\nstart_timeout = 1800\\n'
  await own(`umask 077 && mkdir -p ${RUNTIME}/config && printf '${settings}' >${RUNTIME}/config/config.ini`, on)
  await root('systemctl start mfserv', on)
  await own('for file in /srv/in/plugins/*.plugin; do plugins.install "$file" || exit; done', on)
  await own(`${DATABASES} fill ${RUNTIME}/var/data`, on)
  await mustServe(on)
}

async function mustServe(on: Bench): Promise<void> {
  for (const [path, text] of PAGES) await mustShow(path, text, on)
}

async function backUp(on: Bench): Promise<void> {
  const act = async (load: Load): Promise<void> => {
    await load.further(WRITES_BEFORE)
    const answers = load.sent.map(({ body }) => body)
    await own(`cat >${ANSWERS} <<'END'\n${answers.join('\n')}\nEND`, on)
    const [began, before] = [performance.now(), load.sent.length]
    const told = await own(`mfserv backup ${BACKUP}`, on)
    const [seconds, meanwhile] = [(performance.now() - began) / 1000, load.sent.length - before]
    on.tell(`${firstLine(told)} ${seconds.toFixed(1)} s; ${answers.length} writes before it, ${meanwhile} while it was written`)
  }
  await unharmed({ name: 'mfserv backup', count: WRITES, paths: WRITING, act }, on)
}

/** On a disk, as nobody but root can: the file is for its owner alone. */
async function carry(on: Bench): Promise<void> {
  await root(`tar -cf /dev/vdc -C ${HOME} mfserv.tar.gz answers && sync`, on)
  await on.another()
}

async function installThere(on: Bench): Promise<void> {
  await root(`test ! -e ${HOME}`, on)
  await installPackage(on)
  await root(`mfserv service install --now && tar -xf /dev/vdc -C ${HOME} && chown mfserv: ${BACKUP} ${ANSWERS}`, on)
}

/** What a command that is refused writes all the same: that it was called, and what Node compiled for it. */
const ASIDE = '\\( -path ./log -o -path ./tmp -o -path ./var/audit \\) -prune -o'
/** Lists each entry of the runtime home, with the checksum of each file. */
const LIST = `cd ${RUNTIME} && { find . ${ASIDE} -printf '%p %y %m %l\\n' | sort
find . ${ASIDE} -type f -print0 | sort -z | xargs -0 sha256sum; }`
/** One bit in the middle. */
const FLIP = `import sys
with open(sys.argv[1], "r+b") as file:
    middle = file.seek(0, 2) // 2
    file.seek(middle)
    [byte] = file.read(1)
    file.seek(middle)
    file.write(bytes([byte ^ 1]))`

/** With a clear word, and nothing of the home is another one afterwards. */
async function refuseDamaged(on: Bench): Promise<void> {
  await root('systemctl stop mfserv', on)
  const [damaged, before] = [`${HOME}/damaged.tar.gz`, `${HOME}/before`]
  for (const damage of [`python3 -c '${FLIP}' ${damaged}`, `truncate --size=-100000 ${damaged}`]) {
    await own(`cp ${BACKUP} ${damaged} && ${damage} && ${LIST} >${before}`, on)
    const { code, output } = await on.guest.run(on.user, `mfserv restore ${damaged}`)
    if (code === 0 || !output.includes('BACKUP_REFUSED')) throw new Error(`it ended with code ${code}:\n${output}`)
    await own(`${LIST} | diff ${before} -`, on)
    on.tell(`a damaged copy: ${firstLine(output)}`)
  }
}

async function restore(on: Bench): Promise<void> {
  await root('systemctl stop mfserv', on)
  on.tell(`mfserv restore: ${firstLine(await own(`mfserv restore ${BACKUP}`, on))}`)
}

async function start(on: Bench): Promise<void> {
  await root('systemctl start mfserv', on)
  await own('mfserv.status', on)
  await mustServe(on)
}

async function check(on: Bench): Promise<void> {
  const told = await own(`${DATABASES} check ${RUNTIME}/var/data ${ANSWERS}`, on)
  for (const line of told.split('\n')) on.tell(line)
}

function firstLine(output: string): string {
  return output.trim().split('\n')[0] ?? ''
}

function own(script: string, { guest, user }: Bench): Promise<string> {
  return printed(guest.run(user, script))
}
