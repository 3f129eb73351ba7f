import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { writeAtomically } from '../disk/atomic.ts'
import { pathsOf } from '../home/paths.ts'
import { PeakMemory, pluginMemory } from './peak-memory.ts'

const home = mkdtempSync(join(tmpdir(), 'memory'))
const paths = pathsOf(home)
after(() => rmSync(home, { recursive: true }))
const MEGABYTES = 60
const GROWS = `const kept = Buffer.alloc(${MEGABYTES}e6, 1); process.stdin.on('end', () => process.exit(kept[0])).resume(); console.log('up')`

test('memory is that of all processes in the sessions of the workers, and its peak is kept when they have ended', async () => {
  assert.equal(pluginMemory('blog', paths), 0)
  const peak = PeakMemory.start('blog', paths)
  // The worker is a shell; what uses the memory is a process that it started.
  const worker = spawn('sh', ['-c', '"$0" -e "$1"; :', process.execPath, GROWS], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => worker.once('exit', resolve))
  writeAtomically(
    join(paths.workers, 'blog.main.1.g1.sock.json'),
    JSON.stringify({ state: { is: 'ready', process: { pid: worker.pid, startTime: 1 } } }),
  )
  await new Promise((resolve) => worker.stdout.once('data', resolve))
  const one = pluginMemory('blog', paths)
  assert.ok(one > MEGABYTES * 1e6, `${one}`)
  assert.equal(pluginMemory('blo', paths), 0)
  // Once more, so that the peak has seen it: looks are a quarter of a second apart.
  const seen = PeakMemory.start('blog', paths)
  worker.stdin.end()
  await ended
  assert.equal(pluginMemory('blog', paths), 0)
  assert.ok(seen.stop() > MEGABYTES * 1e6)
  assert.equal(seen.beforeBytes > MEGABYTES * 1e6, true)
  assert.equal(peak.beforeBytes, 0)
  peak.stop()
})
