import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Lets the scripts of a virtualenv find their Python beside themselves instead of where it was built, the way uv writes
 * them: the first lines are both a shell program and a Python text.
 */
export function makeRelocatable(virtualenv: string): void {
  const bin = join(virtualenv, 'bin')
  for (const name of readdirSync(bin)) {
    const file = join(bin, name)
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) continue
    const script = readFileSync(file)
    const end = script.indexOf('\n')
    const [, python] = /^#!(?:\/bin\/sh$|(\S+)\/bin\/(?:python[\d.]*))/.exec(script.subarray(0, end).toString()) ?? []
    if (python !== virtualenv) continue
    const program = script.subarray(script.subarray(0, end).lastIndexOf('/') + 1, end)
    const head = `#!/bin/sh\n'''exec' "$(dirname -- "$(realpath -- "$0")")"/'${program}' "$0" "$@"\n' '''\n`
    writeFileSync(file, Buffer.concat([Buffer.from(head), script.subarray(end + 1)]))
  }
}
