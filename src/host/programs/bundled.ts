import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readWheelName } from '../../package/wheel.ts'
import { isExecutable } from '../disk/is-executable.ts'
import { MFSERV_HOME } from '../home/paths.ts'

/*
 * What a package of mfserv brings so that it needs no network (build/package); a clone has none of it.
 *
 *   bundled/uv            the program
 *   bundled/wheels/*.whl  the framework's own packages, for the Pythons of Debian
 */
const BUNDLED = join(MFSERV_HOME, 'bundled')

export function bundledUv(): string | undefined {
  const uv = join(BUNDLED, 'uv')
  return isExecutable(uv) ? uv : undefined
}

/** The directory of the wheels. */
export function bundledWheels(): string | undefined {
  const wheels = join(BUNDLED, 'wheels')
  return existsSync(wheels) ? wheels : undefined
}

/** For people: the Pythons that the wheels are for, as `3.11 and 3.13`. */
export function bundledPythons(wheels: string): string {
  return pythonsOf(readdirSync(wheels)).join(' and ')
}

/** The Pythons that wheels with compiled parts are for, the lowest first. Those with the stable ABI are for newer ones too. */
export function pythonsOf(names: readonly string[]): readonly string[] {
  const tags = names.flatMap((name) => {
    const wheel = readWheelName(name)
    return wheel === undefined || wheel.abis.includes('abi3') ? [] : wheel.pythons
  })
  const minors = tags.flatMap((tag) => /^cp3(\d+)$/.exec(tag)?.[1] ?? [])
  return [...new Set(minors.map(Number))].sort((one, other) => one - other).map((minor) => `3.${minor}`)
}
