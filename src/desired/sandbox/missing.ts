import type { Plugin } from '../../plugin/plugin.ts'
import { Problem } from '../../problem.ts'
import type { Machine } from '../environment.ts'
import type { SandboxSettings } from './facts.ts'
import { wantedSandbox } from './sandbox.ts'

/** What is told of a plugin that cannot have its sandbox: it runs without, or not at all. */
export function sandboxProblems(
  plugin: Plugin,
  settings: SandboxSettings | undefined,
  machine: Pick<Machine, 'sandbox'>,
): readonly Problem[] {
  const why = machine.sandbox?.noView
  if (settings === undefined || why === undefined) return []
  const { level, isRequired } = wantedSandbox(plugin, settings)
  if (level === 'off') return []
  const fix = missingFix(why)
  if (!isRequired) return [new Problem('SANDBOX_MISSING', `it runs without its sandbox (${level}): ${why}`, fix)]
  const instead = `Or let it run without: 0 at required of [sandbox] and at sandbox_required of the plugin.`
  return [new Problem('SANDBOX_REQUIRED', `it does not run without its sandbox (${level}): ${why}`, `${fix} ${instead}`)]
}

/** What gives a system what its sandbox lacks, as far as it shows. */
export function missingFix(why: string): string {
  if (why.includes('perl')) return 'Install it: apt install perl-base.'
  if (why.includes('namespace') || why.includes('mount in')) {
    const keys =
      'sysctl -w kernel.unprivileged_userns_clone=1 (Debian), or kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu)'
    return `Let users have namespaces: ${keys}, with user.max_user_namespaces above 0. A container must be started so that it may have them.`
  }
  return 'It needs Linux 5.12 or newer, with filters for system calls (CONFIG_SECCOMP_FILTER).'
}
