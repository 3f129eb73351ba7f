import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ask, newWorld, type Ran, type World } from '../world.ts'
import type { Answer, Asked, Question, Visit } from './offline-machine.ts'

/** What `ip link set lo up` does: SIOCSIFFLAGS with IFF_UP. Not every machine has iproute2; this needs only Python. */
const LOOPBACK_UP = `import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh14x", b"lo", 1))`

execFileSync('python3', ['-c', LOOPBACK_UP])
const world = await newWorld('[releases]\nwatch_seconds = 0\n')
// What others have left in the caches of this machine helps nobody here.
const nobody = join(world.home, 'nobody')
mkdirSync(nobody)
process.env['HOME'] = nobody
for (const name of ['XDG_CACHE_HOME', 'UV_CACHE_DIR', 'PIP_CACHE_DIR', 'npm_config_cache']) {
  process.env[name] = join(nobody, name)
}
const ended = Promise.withResolvers<void>()
process.once('disconnect', ended.resolve)
process.on('message', ({ id, asked }: Question) => {
  answer(asked, world).then(
    (value) => send({ id, text: JSON.stringify(value) }),
    (error: unknown) => send({ id, error: String(error) }),
  )
})
send({ id: 0, text: JSON.stringify({ home: world.home }) })
await ended.promise
await world.end()

async function answer(asked: Asked, { run, url }: World): Promise<Ran | Visit> {
  if (asked.is === 'run')
    return await run(asked.command, asked.args, Object.keys(asked.env).length === 0 ? {} : { env: asked.env })
  const response = await ask(`${url}${asked.path}`)
  const { status, headers } = response
  const { pathname: path } = new URL(response.url)
  return { status, path, type: headers.get('content-type') ?? '', body: await response.text() }
}

function send(message: Answer): void {
  process.send?.(message)
}
