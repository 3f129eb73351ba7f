import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { runCommand } from '../../src/cli/run.ts'
import { statusText } from '../../src/cli/status-text.ts'
import { reportProblem } from '../../src/control/report-problem.ts'
import { MFSERV_HOME, pathsOf } from '../../src/host/home/paths.ts'
import { readHardware } from '../../src/host/module/hardware.ts'
import { readConfig } from '../../src/host/module/read-config.ts'
import { formatProblem } from '../../src/problem.ts'
import { receiptText } from '../../src/receipt/receipt-text.ts'
import type { GoldenCase, Shown } from './golden-case.ts'
import { takePrinted } from './printed.ts'

/**
 * Runs the command of a case in this process, in a directory of its own whose `home` is the runtime home: once for people and
 * once with --json. What differs from machine to machine is replaced in what it printed.
 */
export async function shownBy(golden: GoldenCase): Promise<Shown> {
  // The same length on every machine: tables are as wide as the paths in them.
  const place = realpathSync(mkdtempSync('/tmp/golden-'))
  const words = golden.command.split(' ')
  const before = { cwd: process.cwd(), env: { ...process.env }, exitCode: process.exitCode, umask: process.umask() }
  try {
    layOut(golden, place)
    process.chdir(place)
    // Nothing of the person's own environment takes part.
    for (const name of Object.keys(process.env).filter((one) => one.startsWith('MF'))) delete process.env[name]
    Object.assign(process.env, {
      MFMODULE_RUNTIME_HOME: join(place, 'home'),
      MFSERV_SITE_DIRECTORY: join(place, 'site'),
      HOME: place,
      COLUMNS: '130',
      TZ: 'UTC',
    })
    const shown = words[0] === 'render' ? rendered(words[1], words[2] ?? '') : await ran(words)
    return { ...shown, text: plain(shown.text, place), json: plain(shown.json, place) }
  } finally {
    process.umask(before.umask)
    process.chdir(before.cwd)
    process.env = before.env
    process.exitCode = before.exitCode
    rmSync(place, { recursive: true, force: true })
  }
}

function layOut({ files }: GoldenCase, place: string): void {
  mkdirSync(join(place, 'home'), { mode: 0o700 })
  for (const { path, text, link } of files) {
    const file = join(place, path)
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    if (link === undefined) writeFileSync(file, text, { mode: 0o600 })
    else symlinkSync(link, file)
  }
}

async function ran(words: readonly string[]): Promise<Shown> {
  const text = await printed(words)
  const json = await printed([...words, '--json'])
  return { text: text.output, exitCode: text.exitCode, json: json.output }
}

/** What is printed of a file: of the module's settings their problems, of a report or a receipt its text. */
function rendered(kind: string | undefined, file: string): Shown {
  switch (kind) {
    case 'config': {
      const { problems } = readConfig(pathsOf(join(process.cwd(), 'home')), readHardware(), process.env)
      const json = JSON.stringify(problems.map(reportProblem), null, 4)
      return { text: problems.map((problem) => `${formatProblem(problem)}\n`).join(''), exitCode: 0, json: `${json}\n` }
    }
    case 'status':
      return { text: `${statusText(JSON.parse(readFileSync(file, 'utf8')))}\n`, exitCode: 0, json: '' }
    case 'receipt':
      return { text: `${receiptText(JSON.parse(readFileSync(file, 'utf8')))}\n`, exitCode: 0, json: '' }
    default:
      throw new Error(`nothing is rendered as "${kind}"`)
  }
}

interface Printed {
  readonly output: string
  readonly exitCode: number
}

async function printed(argv: readonly string[]): Promise<Printed> {
  const chunks: string[] = []
  const streams = [process.stdout, process.stderr]
  const writes = streams.map((stream) => stream.write)
  for (const [index, stream] of streams.entries()) {
    // Commands write text. What is binary is the test runner's own report, which goes on.
    stream.write = (chunk: string | Uint8Array): boolean => {
      if (typeof chunk !== 'string') return writes[index]?.call(stream, chunk) ?? true
      chunks.push(chunk)
      return true
    }
  }
  const letGo = takePrinted((text) => chunks.push(text))
  process.exitCode = 0
  try {
    await runCommand(argv)
    return { output: chunks.join(''), exitCode: Number(process.exitCode ?? 0) }
  } finally {
    letGo()
    for (const [index, stream] of streams.entries()) stream.write = writes[index] ?? stream.write
  }
}

function plain(output: string, place: string): string {
  return output.replaceAll(place, '/PLACE').replaceAll(MFSERV_HOME, '/MFSERV')
}
