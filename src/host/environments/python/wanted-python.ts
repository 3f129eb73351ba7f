import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { MANIFEST } from '../../../package/generated.ts'
import { readManifest } from '../../../package/manifest.ts'
import type { Needs } from '../../../package/needs.ts'
import { needsOfWheels, readWheelName } from '../../../package/wheel.ts'
import { readPyproject } from '../../../plugin/python/pyproject.ts'
import {
  fitsSpecifiers,
  isContradiction,
  readPythonVersionFile,
  specifiersOf,
  type WantedPython,
} from '../../../plugin/python/python-version.ts'
import { Problem } from '../../../problem.ts'
import { namesIn } from '../../disk/names-in.ts'
import { textOf } from '../../disk/text-of.ts'
import { wantedBy } from '../../programs/pythons.ts'
import { TO_FREEZE } from '../python-builder.ts'
import { builtVirtualenv } from '../virtualenv.ts'
import { ROOT_FILES, SOURCES3 } from './source.ts'

/**
 * Which Python the plugin at `home` asks for: by `.python-version`, and by `requires-python` of pyproject.toml. One without
 * anything in Python 3 asks for none. Throws `BUILD_FAILED` when no version can be both.
 */
export function wantedPython(home: string): WantedPython {
  if (!speaksPython3(home)) return {}
  const [file, pyproject] = [join(home, '.python-version'), join(home, 'pyproject.toml')]
  const named = readPythonVersionFile(textOf(file) ?? '')
  const reading = readPyproject(textOf(pyproject) ?? '')
  const requires = 'value' in reading ? reading.value.requiresPython : undefined
  const wanted: WantedPython = {
    ...(named === undefined ? {} : { named: { ...named, file } }),
    ...(requires === undefined ? {} : { requires: { ...requires, file: pyproject } }),
  }
  if (isContradiction(wanted)) throw contradiction(wanted)
  return wanted
}

/** What a release asks for: its manifest says it, in a file of MFSERV its wheels. */
export function wantedByRelease(home: string): WantedPython {
  const manifest = textOf(join(home, MANIFEST))
  const reading = manifest === undefined ? undefined : readManifest(manifest, { file: join(home, MANIFEST) })
  if (reading?.value !== undefined) return wantedBy(reading.value.needs)
  const directory = join(home, SOURCES3, 'src')
  const wheels = existsSync(directory) ? namesIn(directory).flatMap((name) => readWheelName(name) ?? []) : []
  return wantedBy(needsOfWheels(wheels, 'python3', undefined))
}

/** What goes into the manifest of a release. */
export function needsOfPython(home: string): Needs {
  const requires = specifiersOf(wantedPython(home))
  const ranOnAnother = mayRunOnAnother(home) && !isBuiltFor(home, requires)
  return requires === '' || ranOnAnother ? {} : { python3Version: { requires } }
}

const SOME_PATCH = 50

function isBuiltFor(home: string, requires: string): boolean {
  const minor = /^cpython-3(\d+)$/.exec(builtVirtualenv(home)?.python ?? '')?.[1]
  return minor !== undefined && fitsSpecifiers([3, Number(minor), SOME_PATCH], requires)
}

/** A plugin of MFSERV goes on with the Python there is: nobody read these files in it before. */
export function mayRunOnAnother(home: string): boolean {
  return existsSync(join(home, SOURCES3, TO_FREEZE))
}

const TYPES = /^\s*(?:type\s*=\s*(?:python3_|aiohttp|gunicorn3_)|_?cmd_and_args\s*=.*(?:python3|bjoern|gunicorn|uvicorn))/m

function speaksPython3(home: string): boolean {
  const files = [SOURCES3, ...ROOT_FILES.filter((name) => name !== 'uv.lock')]
  return files.some((name) => existsSync(join(home, name))) || TYPES.test(textOf(join(home, 'config.ini')) ?? '')
}

function contradiction({ named, requires }: WantedPython): Problem {
  const message = `.python-version says ${named?.version}, and requires-python of pyproject.toml ${requires?.specifiers}: no Python is both`
  const file = named?.file ?? ''
  const fix = `Change line ${named?.line} of ${basename(file)}, or line ${requires?.line} of pyproject.toml.`
  return new Problem('BUILD_FAILED', message, fix, { file, line: named?.line ?? 1 })
}
