import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isExecutable } from '../../src/host/disk/is-executable.ts'
import type { Paths } from '../../src/host/home/paths.ts'
import { unpackedDebian } from '../../src/host/programs/debian.ts'
import { selfSigned } from '../../src/host/tls/self-signed.ts'
import { eventually, freePort } from '../system/world.ts'

/** Let's Encrypt's own certificate authority for tests of clients. */
export const PEBBLE_PACKAGES = ['pebble'] as const
const EAB = { kid: 'kid-1', key: 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W' }

export interface Authority {
  /** The URL of its directory. */
  readonly directory: string
  /** The root certificate of its server. */
  readonly ca: string
  readonly eab: typeof EAB
  /** As a network or a server that is down. */
  readonly stop: () => void
  readonly start: () => Promise<void>
  readonly end: () => void
}

interface Programs {
  readonly pebble: string
  readonly names: string
}

export function findPebble(paths: Paths): Programs | undefined {
  const roots = ['/', unpackedDebian(PEBBLE_PACKAGES, paths)].filter((root) => root !== undefined)
  const root = roots.find((one) => isExecutable(join(one, 'usr/bin/pebble')))
  return root === undefined
    ? undefined
    : { pebble: join(root, 'usr/bin/pebble'), names: join(root, 'usr/bin/pebble-challtestsrv') }
}

/** A certificate authority on this machine, for which every host name leads here; it asks for challenges at `httpPort`. */
export async function startAuthority(paths: Paths, httpPort: number): Promise<Authority> {
  const programs = findPebble(paths)
  if (programs === undefined) throw new Error('pebble is missing: node test/acme/install.ts brings it')
  const home = mkdtempSync(join(tmpdir(), 'mfca'))
  const at = (name: string): string => join(home, name)
  const [port, management, namesPort, namesManagement] = [
    await freePort(),
    await freePort(),
    await freeUdpPort(),
    await freePort(),
  ]
  const made = await selfSigned(['localhost', '127.0.0.1'], 2, Date.now())
  mkdirSync(home, { recursive: true })
  writeFileSync(at('cert.pem'), made.certificate)
  writeFileSync(at('key.pem'), made.key)
  writeFileSync(
    at('config.json'),
    JSON.stringify({
      pebble: {
        listenAddress: `127.0.0.1:${port}`,
        managementListenAddress: `127.0.0.1:${management}`,
        certificate: at('cert.pem'),
        privateKey: at('key.pem'),
        httpPort,
        tlsPort: 1,
        ocspResponderURL: '',
        externalAccountBindingRequired: true,
        externalAccountMACKeys: { [EAB.kid]: EAB.key },
      },
    }),
  )
  const off = ['-http01', '', '-https01', '', '-tlsalpn01', '', '-defaultIPv6', '']
  const names = spawn(
    programs.names,
    [...off, '-defaultIPv4', '127.0.0.1', '-dns01', `127.0.0.1:${namesPort}`, '-management', `127.0.0.1:${namesManagement}`],
    { stdio: 'ignore' },
  )
  const directory = `https://127.0.0.1:${port}/dir`
  let authority: ChildProcess | undefined
  const start = async (): Promise<void> => {
    const env = { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_AUTHZREUSE: '0' }
    const words = ['-config', at('config.json'), '-dnsserver', `127.0.0.1:${namesPort}`]
    authority = spawn(programs.pebble, words, { env, stdio: 'ignore' })
    await eventually('the certificate authority answers', async () =>
      (await answers(directory, at('cert.pem'))) ? true : undefined,
    )
  }
  await start()
  return {
    directory,
    ca: at('cert.pem'),
    eab: EAB,
    start,
    stop: () => authority?.kill('SIGKILL'),
    end: () => {
      authority?.kill('SIGKILL')
      names.kill('SIGKILL')
      rmSync(home, { recursive: true, force: true })
    },
  }
}

function answers(url: string, ca: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(url, { ca: readFileSync(ca), agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
    asked.on('error', () => resolve(false))
    asked.end()
  })
}

function freeUdpPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4')
    socket.once('error', reject)
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address()
      socket.close(() => resolve(port))
    })
  })
}
