import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { measureSessions } from './measure.ts'

const MB = 1 << 20

test('what a worker takes is that of all it has started, with every thread; a file that it only reads, and addresses that it only reserves, count as nothing', async (t) => {
  const script = `
import mmap, os, sys, threading, time
kept = bytearray(40 << 20)
reserved = mmap.mmap(-1, 10 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)
file = open(sys.executable, 'rb')
mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
sum(mapped[at] for at in range(0, len(mapped), 4096))
if os.fork() == 0: time.sleep(600)
threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
print('ready', flush=True)
time.sleep(600)
`
  const child = spawn('python3', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  const leader = child.pid ?? assert.fail('not started')
  t.after(() => process.kill(-leader, 'SIGKILL'))
  await once(child.stdout, 'data')
  const [quick, exact] = [Number.POSITIVE_INFINITY, 0].map((from) => measureSessions(new Map([[leader, from]])).get(leader))
  assert.equal(exact?.tasks, 3)
  assert.ok(exact.memory >= 40 * MB && exact.memory < 60 * MB, `${exact.memory}`)
  // The pages that both processes have count twice in what is quick to read.
  assert.ok(quick !== undefined && quick.memory > 1.5 * exact.memory, `${quick?.memory} ${exact.memory}`)
})
