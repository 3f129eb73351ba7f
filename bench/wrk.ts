import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathsOf, runtimeHome } from '../src/host/home/paths.ts'
import { installDebian } from '../src/host/programs/debian.ts'
import type { Bench } from './theme.ts'

/** The load generator: a program, and where its libraries are when it is not installed but unpacked. */
export interface Wrk {
  readonly program: string
  readonly env: NodeJS.ProcessEnv
  readonly version: string
}

export interface Burst {
  readonly perSecond: number
  readonly requests: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Connections that broke, and answers that were no success. */
  readonly failed: number
}

export const CONNECTIONS = 32

/** Finds wrk, or gets Debian's; as an ordinary user below the runtime home. */
export async function ensureWrk(say: Bench['say']): Promise<Wrk> {
  const installed = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => join(directory, 'wrk'))
    .find((file) => existsSync(file))
  if (installed !== undefined) return described(installed, process.env)
  const root = await installDebian(['wrk'], pathsOf(runtimeHome()), say)
  const libraries = join(root, 'usr/lib', process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu')
  return described(join(root, 'usr/bin/wrk'), root === '/' ? process.env : { ...process.env, LD_LIBRARY_PATH: libraries })
}

function described(program: string, env: NodeJS.ProcessEnv): Wrk {
  // wrk tells its version together with its usage, and ends with 1.
  const { stdout, stderr } = spawnSync(program, ['--version'], { env, encoding: 'utf8' })
  const version = /^wrk (\S+)/m.exec(`${stdout}${stderr}`)?.[1]
  if (version === undefined) throw new Error(`${program} does not run: ${stdout}${stderr}`)
  return { program, env, version }
}

/** Asks for one URL as fast as the answers come. One thread, so that it takes one core at most. */
export async function burst(wrk: Wrk, { scratch }: Bench, url: string, seconds: number): Promise<Burst> {
  const script = join(import.meta.dirname, 'wrk-report.lua')
  const options = ['--threads=1', `--connections=${CONNECTIONS}`, `--duration=${seconds}s`, `--script=${script}`] as const
  const printed = await scratch.run([wrk.program, ...options, url], { env: wrk.env })
  const [requests, micros, failed, p50, p99] = /^REPORT (.*)$/m.exec(printed)?.[1]?.split(' ').map(Number) ?? []
  if (requests === undefined || micros === undefined || failed === undefined || p50 === undefined || p99 === undefined) {
    throw new Error(`wrk did not measure ${url}: ${printed}`)
  }
  return { perSecond: requests / (micros / 1e6), requests, p50Ms: p50 / 1000, p99Ms: p99 / 1000, failed }
}
