import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { FOR_EVERYBODY, writeAtomically } from '../disk/atomic.ts'
import { readStamp, textOf } from '../disk/text-of.ts'
import type { Report } from '../process/run-tool.ts'
import type { BuildTools } from '../programs/tools.ts'
import { lockBuild } from './build.ts'
import { wheelPrint } from './python/local-packages.ts'
import { merged, readRequirements } from './python/read-requirements.ts'
import { type PythonSide, python2Side, python3Side, withFrozen } from './python.ts'
import { fingerprint, requirementLines } from './requirements.ts'
import { VENDORED } from './vendored.ts'

/**
 * Puts the wheels of everything that the plugin at `home` has frozen into `python3_virtualenv_sources/src` and that of
 * Python 2, where they are not there already. `time` in seconds since 1970 is what wheels that are built here are dated with.
 */
export async function vendorPlugin(home: string, tools: BuildTools, time: number, report: Report): Promise<void> {
  const dated = { ...tools, environment: { ...tools.environment, SOURCE_DATE_EPOCH: String(time) } }
  const sides = [python3Side(home, dated, report), python2Side(home, dated, report)]
  if (!sides.some(({ sources }) => existsSync(sources))) return
  const lock = lockBuild(home)
  try {
    for (const side of sides) await vendorSide(home, side)
  } finally {
    lock.release()
  }
}

/** What the wheels in `src` were made from; it is kept in `local`, which no release contains. */
interface VendorStamp {
  readonly requirements: string
  readonly python: string
  /** Of the local packages among them. */
  readonly locals?: string
  readonly wheels: readonly string[]
}

async function vendorSide(home: string, side: PythonSide): Promise<void> {
  const { sources, frozen } = side
  const requirements = textOf(join(sources, frozen)) ?? ''
  const directory = join(sources, VENDORED)
  const stampFile = join(home, 'local', `vendored-${frozen}.json`)
  if (requirementLines(requirements).length === 0) {
    rmSync(directory, { recursive: true, force: true })
    return
  }
  const source = side.source()
  const read = readRequirements(join(sources, frozen), sources)
  const locals = wheelPrint(read.locals)
  const wanted = { requirements: fingerprint(requirements), python: await side.tag(), ...(locals === '' ? {} : { locals }) }
  if (isVendored(readStamp(stampFile), wanted, directory)) return
  const stage = join(home, 'local/wheels.tmp')
  rmSync(stage, { recursive: true, force: true })
  try {
    mkdirSync(stage, { recursive: true })
    const builder = await side.builder()
    const toFetch = merged([{ options: source?.options ?? [] }, read])
    await withFrozen(side, source, toFetch, (input) => builder.vendor(input, stage))
    const stamp: VendorStamp = { ...wanted, wheels: readdirSync(stage).sort() }
    rmSync(directory, { recursive: true, force: true })
    renameSync(stage, directory)
    writeAtomically(stampFile, `${JSON.stringify(stamp, null, 2)}\n`, 'durable', FOR_EVERYBODY)
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

function isVendored(stamp: unknown, wanted: Omit<VendorStamp, 'wheels'>, directory: string): boolean {
  if (!isStamp(stamp) || !existsSync(directory)) return false
  const there = readdirSync(directory).sort()
  const same = stamp.requirements === wanted.requirements && stamp.python === wanted.python && stamp.locals === wanted.locals
  return same && JSON.stringify(stamp.wheels) === JSON.stringify(there)
}

function isStamp(value: unknown): value is VendorStamp {
  return typeof value === 'object' && value !== null && 'requirements' in value && 'python' in value && 'wheels' in value
}
