import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Failed, type Issued, isSame, type Wanted } from '../../config/acme/due.ts'
import { writeAtomically } from '../disk/atomic.ts'
import { keepPrivately } from '../disk/private-file.ts'
import { readJson } from '../disk/read-json.ts'
import type { Paths } from '../home/paths.ts'

/** What mfserv is to a certificate authority. */
export interface Account {
  readonly directory: string
  readonly key: string
  /** Undefined until the authority knows the key. */
  readonly url: string | undefined
}

/** The certificate that was fetched last and its key, both in PEM format. */
export function acmeFiles({ acme }: Paths): { readonly certificate: string; readonly key: string } {
  return { certificate: join(acme, 'certificate.pem'), key: join(acme, 'key.pem') }
}

/** What the authority looks for, a file for each challenge. Nothing else is in it: nginx serves all of it. */
export function challengeDirectory({ acme }: Paths): string {
  return join(acme, 'challenges')
}

export function writeChallenge(paths: Paths, token: string, text: string): void {
  mkdirSync(challengeDirectory(paths), { recursive: true, mode: 0o700 })
  writeAtomically(challengeFile(paths, token), text, 'volatile')
}

export function removeChallenge(paths: Paths, token: string): void {
  rmSync(challengeFile(paths, token), { force: true })
}

export function readAccount({ acme }: Paths, directory: string): Account | undefined {
  const read = readJson(join(acme, 'account.json'))
  return has(read, 'directory', 'key') && read['directory'] === directory ? (read as unknown as Account) : undefined
}

export function keepAccount({ acme }: Paths, account: Account): void {
  keepPrivately(join(acme, 'account.json'), JSON.stringify(account))
}

export function readIssued({ acme }: Paths): Issued | undefined {
  const read = readJson(join(acme, 'issued.json'))
  return has(read, 'names', 'directory', 'from', 'until') ? (read as unknown as Issued) : undefined
}

export function readFailed({ acme }: Paths): Failed | undefined {
  const read = readJson(join(acme, 'failed.json'))
  return has(read, 'names', 'directory', 'at', 'failures', 'because') ? (read as unknown as Failed) : undefined
}

/** The key first: who looks in between finds a pair that does not fit, and looks again. */
export function keepIssued(
  paths: Paths,
  { key, certificate, issued }: { key: string; certificate: string; issued: Issued },
): void {
  const files = acmeFiles(paths)
  keepPrivately(files.key, key)
  keepPrivately(files.certificate, certificate)
  keepPrivately(join(paths.acme, 'issued.json'), JSON.stringify(issued))
  rmSync(join(paths.acme, 'failed.json'), { force: true })
}

export function keepFailed(paths: Paths, wanted: Wanted, at: number, because: string): Failed {
  const last = readFailed(paths)
  const failures = (last !== undefined && isSame(wanted, last) ? last.failures : 0) + 1
  const failed: Failed = { ...wanted, at, failures, because }
  keepPrivately(join(paths.acme, 'failed.json'), JSON.stringify(failed))
  return failed
}

function challengeFile(paths: Paths, token: string): string {
  // It comes from the network, and becomes the name of a file.
  if (!/^[\w-]{1,200}$/.test(token)) throw new Error('the certificate authority sent a token that is none')
  return join(challengeDirectory(paths), token)
}

function has(value: unknown, ...keys: readonly string[]): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && keys.every((key) => key in value)
}
