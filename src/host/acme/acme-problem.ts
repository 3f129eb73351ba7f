import { dueAt, isSame } from '../../config/acme/due.ts'
import type { Config } from '../../config/config.ts'
import { Problem } from '../../problem.ts'
import type { Paths } from '../home/paths.ts'
import { readFailed, readIssued } from './acme-files.ts'

/** Why the certificate of `[acme]` could not be fetched the last time; undefined when it could, or when none is wanted. */
export function acmeProblem(paths: Paths, { settings: { acme }, texts }: Config): Problem | undefined {
  const from = texts.get('acme')?.get('names')?.from
  const where = from === undefined || from.layer === 'built-in' ? undefined : from.where
  if (acme.names.length === 0) return undefined
  const names = acme.names.join(', ')
  if (!acme.accept_terms) {
    const fix = 'Read the terms of the certificate authority, and write accept_terms = 1 in [acme].'
    return new Problem('ACME_FAILED', `no certificate is fetched for ${names}: accept_terms is 0`, fix, where)
  }
  const failed = readFailed(paths)
  if (failed === undefined || !isSame(acme, failed)) return undefined
  const next = new Date(dueAt(acme, readIssued(paths), failed)).toISOString().slice(0, 16).replace('T', ' ')
  const fix = `It is tried again at ${next} UTC, or now: mfserv cert renew. What is in force stays so.`
  return new Problem('ACME_FAILED', `${acme.directory} gave no certificate for ${names}: ${failed.because}`, fix, where)
}
