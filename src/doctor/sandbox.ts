import type { SandboxFacts } from '../desired/sandbox/facts.ts'
import { missingFix } from '../desired/sandbox/missing.ts'
import type { Finding } from './finding.ts'

/** What keeps plugins in that this system does not have. */
export function sandboxFindings(sandbox: SandboxFacts | undefined): readonly Finding[] {
  if (sandbox === undefined) return []
  const { noView, keepsSignals } = sandbox
  if (noView !== undefined) {
    return [
      {
        severity: 'risk',
        about: 'sandbox',
        what: `plugins run without a sandbox: ${noView}`,
        why: 'each can read the files, keys and secrets of all others, and of mfserv',
        fix: missingFix(noView),
      },
    ]
  }
  if (keepsSignals) return []
  return [
    {
      severity: 'note',
      about: 'sandbox',
      what: 'the sandbox does not keep plugins from ending processes of the same user',
      why: 'signals can be kept in since Linux 6.12',
      fix: 'Use a newer kernel; on Debian 12 that of bookworm-backports',
    },
  ]
}
