import { join } from 'node:path'
import { dueAt } from '../../config/acme/due.ts'
import type { Settings } from '../../config/settings.ts'
import { askControl } from '../../control/client.ts'
import { acmeFiles, keepFailed, keepIssued, readFailed, readIssued } from '../../host/acme/acme-files.ts'
import { issue } from '../../host/acme/issue.ts'
import { tryLock } from '../../host/disk/lock.ts'
import type { Paths } from '../../host/home/paths.ts'
import { readGoodConfig } from '../../host/module/good-config.ts'
import { readHardware } from '../../host/module/hardware.ts'
import { now } from '../../host/process/clock.ts'
import { factsIn } from '../../host/tls/read-pair.ts'
import { Problem } from '../../problem.ts'

export type Renewed =
  | { readonly is: 'issued'; readonly names: readonly string[]; readonly until: number; readonly file: string }
  | { readonly is: 'not due'; readonly at: number }

/**
 * Fetches the certificate of `[acme]`. What is in force stays so until the new one is there; the daemon takes it as it takes any
 * new file. Throws USAGE, BUSY or ACME_FAILED.
 */
export async function renewCertificate(paths: Paths, env: NodeJS.ProcessEnv, when: 'now' | 'if due'): Promise<Renewed> {
  const { acme } = readGoodConfig(paths, readHardware(), env).config.settings
  refuseUnready(acme)
  const at = dueAt(acme, readIssued(paths), readFailed(paths))
  if (when === 'if due' && at > now()) return { is: 'not due', at }
  const lock = tryLock(join(paths.acme, 'lock.db'))
  if (lock === undefined) throw new Problem('BUSY', 'a certificate is being fetched already', 'Wait for it to end.')
  try {
    return await fetchCertificate(paths, acme)
  } finally {
    lock.release()
  }
}

async function fetchCertificate(paths: Paths, acme: Settings['acme']): Promise<Renewed> {
  const { names, directory } = acme
  try {
    const { certificate, key } = await issue(paths, acme)
    const facts = factsIn(certificate)
    if (facts === undefined) throw new Error('the certificate authority sent something that is no certificate')
    const { from, until } = facts
    keepIssued(paths, { certificate, key, issued: { names, directory, from, until } })
    await askControl(paths.control, 'POST /look')
    return { is: 'issued', names, until, file: acmeFiles(paths).certificate }
  } catch (error) {
    const because = reasonOf(error)
    keepFailed(paths, { names, directory }, now(), because)
    throw acmeFailed(names, directory, because, error)
  }
}

/** The library fails with a fault of its own where a connection ends without an answer. */
function reasonOf(error: unknown): string {
  if (error instanceof TypeError) return `the connection ended without an answer (${error.message})`
  return error instanceof Error && error.message !== '' ? error.message : String(error)
}

function acmeFailed(names: readonly string[], directory: string, because: string, cause: unknown): Problem {
  const message = `${directory} gave no certificate for ${names.join(', ')}: ${because}`
  const fix = 'Look at what the certificate authority says. The names must lead to this machine, and port 80 of them to nginx.'
  return new Problem('ACME_FAILED', message, fix, undefined, cause)
}

function refuseUnready({ names, accept_terms: accepts }: Settings['acme']): void {
  if (names.length === 0) {
    const fix =
      'Write the host names in [acme] of config.ini. Certificates that you put into files yourself are taken as they are.'
    throw new Problem('USAGE', 'no certificate is fetched: [acme] names is empty', fix)
  }
  if (!accepts)
    throw new Problem('USAGE', '[acme] accept_terms is 0', 'Read the terms of the certificate authority, and set it to 1.')
}
