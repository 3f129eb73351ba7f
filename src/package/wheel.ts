import { compareVersions, mergeNeeds, type Needs } from './needs.ts'

/** What the name of a wheel says. */
export interface Wheel {
  readonly file: string
  readonly name: string
  readonly version: string
  readonly pythons: readonly string[]
  readonly abis: readonly string[]
  readonly platforms: readonly string[]
}

/** `flask-3.1.0-py3-none-any.whl`, with or without a build number; undefined for another name. */
export function readWheelName(file: string): Wheel | undefined {
  const parts = /^(.+)\.whl$/.exec(file)?.[1]?.split('-') ?? []
  if (parts.length !== 5 && parts.length !== 6) return undefined
  const [name = '', version = ''] = parts
  const [pythons = '', abis = '', platforms = ''] = parts.slice(-3)
  const split = (tags: string): readonly string[] => tags.split('.')
  return { file, name, version, pythons: split(pythons), abis: split(abis), platforms: split(platforms) }
}

/** `glibc`: of the machine that built the wheels which name none. */
export function needsOfWheels(wheels: readonly Wheel[], language: 'python3' | 'python2', glibc: string | undefined): Needs {
  return mergeNeeds(wheels.map((wheel) => ({ ...pythonNeed(wheel, language), ...platformNeed(wheel.platforms, glibc) })))
}

/** A wheel with the stable ABI, or without any compiled part, fits every Python of its language. */
function pythonNeed({ pythons, abis }: Wheel, language: 'python3' | 'python2'): Needs {
  if (abis.includes('abi3') || pythons.some((tag) => /^py\d+$/.test(tag))) return {}
  const version = pythons.map((tag) => /^cp(\d\d+)$/.exec(tag)?.[1]).find((found) => found !== undefined)
  if (version === undefined) return {}
  if (language === 'python3') return { python3: { tag: `cpython-${version}` } }
  const unicode = abis.map((abi) => /^cp27(mu?)$/.exec(abi)?.[1]).find((found) => found !== undefined)
  return unicode === undefined ? {} : { python2: { tag: `cpython-${version}${unicode}` } }
}

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: 'x64',
  aarch64: 'arm64',
  i686: 'ia32',
  armv7l: 'arm',
  ppc64le: 'ppc64',
  s390x: 's390x',
  riscv64: 'riscv64',
}

/** The names of the time before versions stood in them. */
const OLD_MANYLINUX: Readonly<Record<string, string>> = { manylinux1: '2.5', manylinux2010: '2.12', manylinux2014: '2.17' }

/** Of several tags the least demanding. */
function platformNeed(tags: readonly string[], built: string | undefined): Needs {
  if (tags.includes('any')) return {}
  const platforms = tags.flatMap((tag) => {
    const [, kind = '', glibc, machine = ''] = /^(manylinux\d*|musllinux|linux)(?:_(\d+_\d+))?_(.+)$/.exec(tag) ?? []
    const arch = ARCHITECTURES[machine]
    if (arch === undefined) return []
    const oldest = kind === 'musllinux' ? undefined : (OLD_MANYLINUX[kind] ?? glibc?.replace('_', '.') ?? built)
    return [{ os: 'linux', arch, ...(oldest === undefined ? {} : { glibc: oldest }) }]
  })
  const [least] = platforms.toSorted((one, other) => compareVersions(one.glibc ?? '0', other.glibc ?? '0'))
  return least === undefined ? {} : { platform: least }
}
