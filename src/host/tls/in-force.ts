import { existsSync } from 'node:fs'
import type { Config } from '../../config/config.ts'
import { type ConfiguredCertificate, certificatesOf, hasTls } from '../../config/tls/certificates.ts'
import { type PairFacts, whyNotInstead } from '../../config/tls/pair.ts'
import type { ServedCertificate } from '../../desired/tls/tls-settings.ts'
import { Problem, type Where } from '../../problem.ts'
import { acmeFiles } from '../acme/acme-files.ts'
import { systemProblem } from '../disk/disk-problem.ts'
import type { Paths } from '../home/paths.ts'
import { digestOf, filesOf, type KeptPair, keepPair, keptPair } from './kept-pairs.ts'
import { type BadPair, factsInFile, readPair } from './read-pair.ts'

/** Every certificate that nginx is to have; none where it speaks no TLS. */
export function configuredCertificates(paths: Paths, config: Config): readonly ConfiguredCertificate[] {
  if (!hasTls(config)) return []
  const { names } = config.settings.acme
  const fetched = {
    section: 'acme',
    ...acmeFiles(paths),
    names: names.map((name) => name.toLowerCase()),
    where: acmeWhere(config),
  }
  // Before the first is there it is no fault that it is not.
  return [...certificatesOf(config), ...(names.length > 0 && existsSync(fetched.certificate) ? [fetched] : [])]
}

function acmeWhere({ texts }: Config): Where | undefined {
  const from = texts.get('acme')?.get('names')?.from
  return from === undefined || from.layer === 'built-in' ? undefined : from.where
}

/**
 * What nginx is given: the copy that was found good or, before there is one, the files themselves if they are good. `own`: what
 * plugins bring, behind those of the module; it does not make nginx serve HTTPS to the others.
 */
export function certificatesInForce(
  paths: Paths,
  config: Config,
  own: readonly ConfiguredCertificate[] = [],
): readonly ServedCertificate[] {
  const ofModule = configuredCertificates(paths, config).flatMap((one) => servedOf(paths, one) ?? [])
  if (ofModule.length === 0) return []
  const all = [...ofModule, ...own.flatMap((one) => servedOf(paths, one) ?? [])]
  // A name that somebody wrote down counts more than one that is merely in a certificate.
  const written = new Set(all.flatMap(({ written: names }) => names))
  return all.map(({ written: named, names, ...files }) => ({
    ...files,
    names: named.length > 0 ? named : names.filter((name) => !written.has(name)),
  }))
}

/** `written`: the names that somebody wrote down for it; `names`: those in it. */
function servedOf(
  paths: Paths,
  one: ConfiguredCertificate,
): (ServedCertificate & { readonly written: readonly string[] }) | undefined {
  const { section, names: written, certificate, key } = one
  const kept = keptHere(paths, one)
  const found = kept ?? readPair(one)
  if ('what' in found) return undefined
  const files = kept === undefined ? { certificate, key } : filesOf(paths, section, kept.digest)
  return { section, written, names: found.names, ...files }
}

/** Copies the files of a certificate if they are good and say something new. */
export function takePair(paths: Paths, one: ConfiguredCertificate, now: number): 'same' | 'taken' | Problem {
  const kept = keptHere(paths, one)
  const read = readPair(one)
  if ('what' in read) return badPair(one, read, kept)
  if (kept?.digest === digestOf(read)) return 'same'
  const why = whyNotInstead(read, kept, now)
  if (why !== undefined) return badPair(one, { what: `${one.certificate} ${why}`, fix: 'Put a whole and valid one there.' }, kept)
  try {
    keepPair(paths, one, read)
    return 'taken'
  } catch (error) {
    // A full disk is no reason to look at nothing else.
    const problem = systemProblem(error, paths.tls)
    if (problem === undefined) throw error
    return problem
  }
}

/** What keeps a configuration from being taken: certificates that it names anew and that cannot be used. */
export function newCertificateProblems(paths: Paths, config: Config): readonly Problem[] {
  const fresh = configuredCertificates(paths, config).filter((one) => keptHere(paths, one) === undefined)
  return fresh.flatMap((one) => {
    const read = readPair(one)
    return 'what' in read ? [badPair(one, read, undefined)] : []
  })
}

/** What is in force of a certificate; undefined while nothing of it can be. */
export function factsInForce(paths: Paths, one: ConfiguredCertificate): PairFacts | undefined {
  return keptHere(paths, one) ?? factsInFile(one.certificate)
}

/** Somebody may have removed the copies. */
function keptHere(paths: Paths, one: ConfiguredCertificate): KeptPair | undefined {
  const kept = keptPair(paths, one)
  if (kept === undefined) return undefined
  return Object.values(filesOf(paths, one.section, kept.digest)).every((file) => existsSync(file)) ? kept : undefined
}

function badPair({ section, where }: ConfiguredCertificate, { what, fix }: BadPair, kept: KeptPair | undefined): Problem {
  const rest = kept === undefined ? '' : '\nThe certificate from before stays in force.'
  return new Problem('CERTIFICATE', `[${section}] ${what}`, `${fix}${rest}`, where)
}
