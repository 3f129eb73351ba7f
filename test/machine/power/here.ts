import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Guest } from '../guest.ts'
import { ROOT, USER } from './places.ts'

/**
 * What stands for a boot on this machine: its own kernel mounts the disk, and so does what its journal says; processes, network,
 * /run and /tmp are new, the clock of the boot begins anew; and the daemon is started as its unit says, again when it fails. In the
 * machine the disk has the same number after a boot; here it has another one, so the records that bear it get that.
 */
const START = `
mount -o loop "$2" "$1"
mount -t proc proc "$1/proc"
for directory in dev/shm run tmp; do mount -t tmpfs -o mode=1777 tmpfs "$1/$directory"; done
ip link set lo up
find "$1/home/$3" -name '*.json' -not -path '*/.releases/*' -exec grep -l '"writtenIn":' {} + | while read -r record; do
  cp -p "$record" "$1/run/before"
  sed -i 's/"writtenIn":"[0-9]*:/"writtenIn":"'"$(stat -c %d "$1")"':/' "$record"
  touch -r "$1/run/before" "$record"
done
unit=$1/etc/systemd/system/mfserv-$3.service
{
  sed -n 's/^Environment=/export /p' "$unit"
  echo 'umask 077; cd /'
  echo "until $(sed -n 's/^ExecStart=//p' "$unit"); do sleep 0.5; done"
} >"$1/run/service.sh"
touch "$1/run/service"
clean="env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/home/$3 USER=$3 LOGNAME=$3"
chroot "$1" runuser -u "$3" -- $clean sh /run/service.sh </dev/null >"$1/run/service.out" 2>&1 &
read -r pid rest </proc/self/stat
echo "$pid"
sleep infinity &
wait
`

/** A disk, as if a machine had been switched on with it: without systemd and Debian's kernel, but in a second. */
export async function startHere(disk: string): Promise<Pick<Guest, 'run' | 'cut'>> {
  mkdirSync(ROOT, { recursive: true })
  const own = ['--mount', '--pid', '--net', '--ipc', '--uts', '--time']
  const sinceBoot = readFileSync('/proc/uptime', 'utf8').split('.', 1)
  const words = [...own, '--boottime', `-${sinceBoot}`, '--fork', '--kill-child', 'sh', '-ec', START, 'sh', ROOT, disk, USER]
  const init = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const end = (): boolean => init.kill('SIGKILL')
  process.once('exit', end)
  const ended = once(init, 'exit').finally(() => process.off('exit', end))
  const first = once(createInterface({ input: init.stdout }), 'line')
  const [pid] = await Promise.race([first, ended.then(([code]) => Promise.reject(new Error(`it ended with code ${code}`)))])
  return {
    run: async (user, script) => {
      const command = `sh -c "$(echo ${Buffer.from(script).toString('base64')} | base64 -d)"`
      const inside = ['chroot', ROOT, 'runuser', '--login', user, '--command', `{ ${command}; } 2>&1`]
      const child = spawn('nsenter', ['--target', String(pid), ...own, ...inside], { stdio: ['ignore', 'pipe', 'inherit'] })
      let output = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
      const [code] = await once(child, 'exit')
      return { code: code ?? 1, output }
    },
    cut: async () => {
      end()
      await ended
    },
  }
}
