import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { pathsOf, runtimeHome } from '../src/host/home/paths.ts'
import { findNginx } from '../src/host/nginx/program.ts'
import { ensurePython } from '../src/host/programs/python-framework.ts'

/** What the numbers belong to, for the head of the report. */
export async function machineFacts(): Promise<string> {
  const paths = pathsOf(runtimeHome())
  const { python3 } = await ensurePython(paths)
  const python = spawnSync(python3, ['-c', 'import platform; print(platform.python_version())'], {
    encoding: 'utf8',
  }).stdout.trim()
  return [
    `${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'})`,
    `Linux ${readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim()}`,
    `Node ${process.versions.node}`,
    `nginx ${findNginx(paths).version}`,
    `Python ${python}`,
    loadNow(),
  ].join(', ')
}

/** What else the machine is doing; above 0.5 before a run, the absolute numbers are too low. */
export function loadNow(): string {
  return `load average ${loadavg()[0]?.toFixed(1) ?? '?'}`
}
