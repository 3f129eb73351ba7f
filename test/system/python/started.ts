import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after } from 'node:test'
import { pythonPackage } from '../../support/python-package.ts'
import { CLONE, newWorld, writeFile } from '../world.ts'

export const CONFIG =
  '[general]\nversion=1.0\nsummary=x\nlicense=x\nurl=http://x\nmaintainer=x\nvendor=x\n[app_main]\ntype=python3_sync\nmain_arg=main.wsgi:application\nworkers=1\n'

export const TO_FREEZE = 'python3_virtualenv_sources/requirements-to-freeze.txt'
export const FROZEN = 'python3_virtualenv_sources/requirements3.txt'
export const world = await newWorld()

after(() => world.end())

await world.start()

export function plugin(name: string, files: Readonly<Record<string, string>>): string {
  const home = join(world.home, name)
  const all = {
    '.layerapi2_label': `plugin_${name}@mfserv\n`,
    'config.ini': CONFIG,
    'main/wsgi.py': saying('sys', '"here"'),
    ...files,
  }
  writeFile(join(home, 'Makefile'), readFileSync(join(CLONE, 'templates/_every/Makefile'), 'utf8'))
  for (const [path, text] of Object.entries(all)) writeFile(join(home, path), text)
  return home
}

/** An application that answers with what the expressions say. */
export function saying(modules: string, expressions: string): string {
  return `import ${modules}\ndef application(environ, start_response):\n    start_response("200 OK", [("Content-Type", "text/plain")])\n    return [" ".join(map(str, [${expressions}])).encode()]\n`
}

/** A package whose `hi()` says its name and "1". */
export function packageSaying(directory: string, name: string): Readonly<Record<string, string>> {
  return pythonPackage(directory, name, `def hi(): return "${name} 1"\n`)
}

export function wheelsOf(home: string): readonly string[] {
  const names = readdirSync(join(home, 'python3_virtualenv_sources/src')).sort()
  return names.map((name) => name.split('-').slice(0, 2).join('-'))
}

const MAKE_WHEEL = `
import sys, zipfile
to, name, version, text = sys.argv[1:]
with zipfile.ZipFile(to, "w") as wheel:
    wheel.writestr(f"{name}/__init__.py", text)
    info = f"{name}-{version}.dist-info"
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {name.replace('_', '-')}\\nVersion: {version}\\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(f"{info}/RECORD", "")
`

export interface MadeWheel {
  readonly name: string
  readonly file: string
  readonly bytes: Buffer
}

export function wheel(directory: string, name: string, version: string, text: string): MadeWheel {
  const module = name.replaceAll('-', '_')
  const file = `${module}-${version}-py3-none-any.whl`
  execFileSync('python3', ['-c', MAKE_WHEEL, join(directory, file), module, version, text])
  const bytes = readFileSync(join(directory, file))
  rmSync(join(directory, file))
  return { name, file, bytes }
}
