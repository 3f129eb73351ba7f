import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import process from 'node:process'
import { CLONE, edit, eventually, execute, newWorld, type Ran, type World, writeFile } from '../system/world.ts'
import { PUBLISHED, type Published } from './published.ts'

/**
 * `make test-apps`: published applications, fetched from their registries, brought onto mfserv by the commands that a person
 * types, without a change of their code. Prints a table; the exit code is 1 when one of them does not come through.
 */
const wanted = process.argv.slice(2)
const world = await newWorld()
const place = join(world.home, 'applications')
let failed = 0
const head = [
  'application',
  'recognised as',
  'adopted and served',
  'at its prefix',
  'on a virtual host',
  'edit seen',
  'release',
  'swapped under load',
]
process.stdout.write(`${row(head[0] ?? '', head.slice(1))}\n|${'---|'.repeat(head.length)}\n`)
try {
  await world.must('mfserv.start')
  for (const app of PUBLISHED.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    process.stderr.write(`${app.title}\n`)
    const ends: (() => Promise<void>)[] = []
    try {
      process.stdout.write(`${row(app.title, await brought(app, ends))}\n`)
    } catch (error) {
      failed += 1
      process.stdout.write(`${row(app.title, ['', `failed: ${error instanceof Error ? error.message : String(error)}`])}\n`)
    }
    await world.run('plugins.uninstall', [app.name])
    for (const end of ends) await end()
    rmSync(join(place, app.name), { recursive: true, force: true })
  }
} finally {
  await world.end()
}
process.exitCode = failed === 0 ? 0 : 1

function row(title: string, cells: readonly string[]): string {
  return `| ${[title, ...cells].map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
}

/** The cells of its row; `ends` is given what has to be ended afterwards. Throws where it does not come through. */
async function brought(app: Published, ends: (() => Promise<void>)[]): Promise<readonly string[]> {
  there(app)
  const home = join(place, app.name)
  mkdirSync(home, { recursive: true })
  await must(shell(home, app.get))
  for (const [path, text] of Object.entries(app.files)) writeFile(join(home, path), text)
  if (app.beside !== undefined) await beside(home, app.beside, ends)
  const before = filesBelow(home)
  const began = performance.now()
  const adopted = JSON.parse((await must(shell(home, 'mfserv adopt --json .'))).stdout)
  const make = String(adopted.next).replace(/ develop$/, '')
  await must(shell(home, `${make} develop`))
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  const prefix = await answer(world, app.name, `/${app.name}${app.page}`, undefined)
  expect(app, prefix)
  await expectMore(app, `/${app.name}`, undefined)
  edit(
    join(home, 'config.ini'),
    '[app_main]',
    `[app_main]\nvirtualdomain_based_routing=1\nvirtualdomain_based_routing_extra_vhosts=${app.name}.example.org`,
  )
  const host = await eventually('the virtual host answers', async () => {
    const got = await answer(world, app.name, app.page, `${app.name}.example.org`)
    return got.status === 200 ? got : undefined
  })
  if (app.name !== 'vite') expect(app, host)
  await expectMore(app, '', `${app.name}.example.org`)
  const edited = app.edit === undefined ? '' : await seen(home, make, app.name, app.edit)
  const changed = [...before]
    .filter(([path, text]) => path !== app.edit?.file && filesBelow(home).get(path) !== text)
    .map(([path]) => path)
  if (changed.length > 0) throw new Error(`mfserv changed ${changed.join(', ')}`)
  const release = await released(home, make)
  await must(world.run('plugins.uninstall', [app.name]))
  await must(world.run('plugins.install', [release.file]))
  expect(app, await answer(world, app.name, `/${app.name}${app.page}`, undefined))
  edit(join(home, 'config.ini'), 'version=', 'version=9.')
  const next = await released(home, make)
  const swap = await swapped(app, next.file)
  return [`${adopted.framework}, \`${adopted.type}\``, `${seconds} s`, 'yes', 'yes', edited, release.size, swap]
}

/** Throws where a program that it needs is missing. One of the system may have its version behind its name. */
function there({ needs = {} }: Published): void {
  const places = [...(process.env['PATH'] ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/usr/local/bin', '/usr/bin']
  const names = places.filter((directory) => existsSync(directory)).flatMap((directory) => readdirSync(directory))
  const missing = Object.entries(needs).filter(
    ([program]) => !names.some((name) => name.startsWith(program) && /^[\d.]*$/.test(name.slice(program.length))),
  )
  if (missing.length === 0) return
  const programs = missing.map(([program]) => program).join(', ')
  throw new Error(`this machine has no ${programs}: apt install ${missing.map(([, debian]) => debian).join(' ')}`)
}

async function released(home: string, make: string): Promise<{ readonly file: string; readonly size: string }> {
  const { stdout } = await must(shell(home, `${make} release`))
  const file = /^ {2}(\/\S+\.plugin)$/m.exec(stdout)?.[1]
  const size = /^ {2}size +(.*)$/m.exec(stdout)?.[1]
  if (file === undefined) throw new Error(`no release: ${stdout}`)
  return { file, size: size ?? '' }
}

/** Requests go on while the next version takes over. */
async function swapped(app: Published, file: string): Promise<string> {
  let [asked, wrong] = [0, 0]
  let goesOn = true
  const load = Array.from({ length: 4 }, async () => {
    while (goesOn) {
      const { status } = await answer(world, app.name, `/${app.name}${app.page}`, undefined)
      asked += 1
      if (status !== 200) wrong += 1
    }
  })
  const swap = await world.run('plugins.hotswap', [file])
  goesOn = false
  await Promise.all(load)
  if (swap.code !== 0) throw new Error(`plugins.hotswap: ${swap.stdout}${swap.stderr}`)
  if (wrong > 0) throw new Error(`${wrong} of ${asked} requests failed during the swap`)
  return `${asked} requests, none failed`
}

async function seen(
  home: string,
  make: string,
  name: string,
  { file, line }: { readonly file: string; readonly line: string },
): Promise<string> {
  const pids = async (): Promise<string> =>
    JSON.stringify((await world.plugin(name)).apps.map(({ slots }) => slots.map(({ pid }) => pid)))
  const before = await pids()
  writeFile(join(home, file), `${readFileSync(join(home, file), 'utf8')}\n${line}\n`)
  // What is compiled is built by make.
  await must(shell(home, make))
  await eventually('new workers', async () => ((await pids()) === before ? undefined : true))
  await world.until('they serve', ({ plugins }) => plugins.some((one) => one.name === name && one.state === 'serving'))
  return 'yes'
}

/** A server that the application needs. It has a process of its own, which is ended by its id. */
async function beside(
  home: string,
  { run, answers, fill }: NonNullable<Published['beside']>,
  ends: (() => Promise<void>)[],
): Promise<void> {
  const server = spawn('bash', ['-ec', run], { cwd: home, stdio: 'ignore' })
  const ended = once(server, 'exit')
  ends.push(async () => {
    server.kill('SIGTERM')
    await ended
  })
  await eventually('the server beside it answers', async () => ((await shell(home, answers)).code === 0 ? true : undefined))
  await must(shell(home, fill))
}

async function expectMore({ name, also = {} }: Published, below: string, host: string | undefined): Promise<void> {
  for (const [page, says] of Object.entries(also)) {
    const { status, body } = await answer(world, name, `${below}${page}`, host)
    if (status !== 200 || !says.test(body)) throw new Error(`${host ?? below}${page} answers ${status}: ${body.slice(0, 200)}`)
  }
}

function expect(app: Published, { status, body }: Answer): void {
  if (status !== 200 || !app.says.test(body)) throw new Error(`${app.page} answers ${status}: ${body.slice(0, 200)}`)
}

interface Answer {
  readonly status: number
  readonly body: string
}

/** Follows one redirect, as a browser would. */
async function answer(at: World, name: string, path: string, host: string | undefined): Promise<Answer> {
  const first = await asked(at, path, host)
  if (first.location === undefined) return first
  const { pathname, search } = new URL(first.location, `http://x${path}`)
  if (host === undefined && !pathname.startsWith(`/${name}`))
    return { status: first.status, body: `leads out: ${first.location}` }
  return asked(at, `${pathname}${search}`, host)
}

function asked(at: World, path: string, host: string | undefined): Promise<Answer & { readonly location: string | undefined }> {
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        host: '127.0.0.1',
        port: at.port,
        path,
        agent: false,
        ...(host === undefined ? {} : { headers: { Host: `${host}:${at.port}` } }),
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(chunks).toString('latin1'),
            location: response.headers.location,
          }),
        )
      },
    )
    asking.on('error', reject)
    asking.end()
  })
}

async function must(running: Promise<Ran>): Promise<Ran> {
  const ran = await running
  if (ran.code !== 0) throw new Error(`${ran.stdout}\n${ran.stderr}`.slice(-1500))
  return ran
}

function shell(home: string, command: string): Promise<Ran> {
  const env = { MFMODULE_RUNTIME_HOME: world.home, MFSERV_HOME: CLONE, PATH: `${join(CLONE, 'bin')}:${process.env['PATH']}` }
  return execute('bash', ['-ec', command], { in: home, env })
}

/** Those of the application, and not what a build makes. */
function filesBelow(home: string): ReadonlyMap<string, string> {
  const paths = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const files = paths
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/\/(?:local|node_modules|dist|bin|[^/]+\.egg-info)\//.test(file.slice(home.length)))
  return new Map(files.map((file) => [file.slice(home.length + 1), readFileSync(file, 'latin1')]))
}
