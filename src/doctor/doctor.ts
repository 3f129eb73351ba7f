import { diskFindings } from './disk.ts'
import type { Facts } from './facts.ts'
import { type Finding, inOrder } from './finding.ts'
import { daemonFindings, homeFindings, programFindings, troubleFindings, unitFindings } from './home.ts'
import { levelFindings, limitFindings } from './limits.ts'
import { sandboxFindings } from './sandbox.ts'
import { certificateFindings, clockFindings } from './time.ts'

/** Everything that a person should know, the worst first. `install`: the command that makes a unit, where there is one. */
export function findingsOf(facts: Facts, install?: string): readonly Finding[] {
  const { now, home, machine, limits, disks, clock, certificates, programs, daemon, unit, troubles } = facts
  return inOrder([
    ...homeFindings(home),
    ...(home.is === 'there' ? daemonFindings(daemon) : []),
    ...troubles.flatMap(troubleFindings),
    ...programs.flatMap(programFindings),
    ...certificates.flatMap((certificate) => certificateFindings(certificate, now)),
    ...disks.flatMap(diskFindings),
    ...limitFindings(limits, machine, home.hasDevelopment),
    ...levelFindings(daemon.is === 'running' ? daemon.limits : undefined),
    ...clockFindings(clock, now),
    ...unitFindings(unit, install),
    ...sandboxFindings(facts.sandbox),
  ])
}
