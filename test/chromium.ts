import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathsOf, runtimeHome } from '../src/host/home/paths.ts'
import { unpackedDebian } from '../src/host/programs/debian.ts'

export const CHROMIUM_PACKAGES = ['chromium', 'chromium-common'] as const

/** How a test starts a browser. */
export interface Chromium {
  readonly executablePath: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** The Chromium of the system, or the one that was unpacked for an ordinary user; undefined when there is none. */
export function findChromium(): Chromium | undefined {
  if (existsSync(INSTALLED)) return { executablePath: INSTALLED, args: ARGS, env: inherited() }
  const root = unpackedDebian(CHROMIUM_PACKAGES, pathsOf(runtimeHome()))
  if (root === undefined) return undefined
  const libraries = readdirSync(join(root, 'usr/lib')).filter((name) => name.endsWith('-linux-gnu'))
  const env = { ...inherited(), LD_LIBRARY_PATH: libraries.map((name) => join(root, 'usr/lib', name)).join(':') }
  return { executablePath: join(root, 'usr/lib/chromium/chromium'), args: ARGS, env }
}

const INSTALLED = '/usr/bin/chromium'

/** It looks for nothing in the network of its own accord. */
const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

function inherited(): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
