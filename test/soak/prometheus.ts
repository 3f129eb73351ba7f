import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { join } from 'node:path'
import { pathsOf, runtimeHome } from '../../src/host/home/paths.ts'
import { installDebian } from '../../src/host/programs/debian.ts'
import { freePort } from '../system/nginx/place.ts'
import { eventually, writeFile } from '../system/world.ts'

/** A Prometheus that scrapes one address each second. */
export interface Prometheus {
  readonly version: string
  /** The samples of an instant query, by their labels as JSON. */
  readonly query: (text: string) => Promise<readonly Found[]>
  readonly end: () => void
}

export interface Found {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

interface Answer {
  readonly data: {
    readonly result: readonly { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] }[]
  }
}

/** Debian's Prometheus and promtool, installed if they are missing. Answers the directory of their programs. */
export async function havePrometheus(say: (line: string) => void): Promise<string> {
  const root = await installDebian(['prometheus'], pathsOf(runtimeHome()), say)
  return join(root, 'usr/bin')
}

/** What `promtool check metrics` says of a page; throws when it does not accept it. */
export function lint(programs: string, page: string): string {
  return execFileSync(join(programs, 'promtool'), ['check', 'metrics'], { input: page, encoding: 'utf8', stdio: 'pipe' })
}

export async function startPrometheus(programs: string, directory: string, target: string): Promise<Prometheus> {
  const port = await freePort()
  const file = join(directory, 'prometheus.yml')
  writeFile(
    file,
    `global: { scrape_interval: 1s }\nscrape_configs:\n  - { job_name: mfserv, static_configs: [{ targets: ["${target}"] }] }\n`,
  )
  const program = join(programs, 'prometheus')
  const options = [`--config.file=${file}`, `--storage.tsdb.path=${join(directory, 'data')}`]
  const child: ChildProcess = spawn(program, [...options, `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' })
  const query = async (text: string): Promise<readonly Found[]> => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(text)}`)
    const { data } = (await answer.json()) as Answer
    return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
  }
  await eventually('Prometheus has scraped once', async () => {
    const found = await query('up').catch(() => [])
    return found.some(({ value }) => value === 1) ? true : undefined
  })
  const version = execFileSync(program, ['--version'], { encoding: 'utf8' }).split(/\s+/)[2] ?? 'unknown'
  return { version, query, end: () => void child.kill('SIGKILL') }
}
