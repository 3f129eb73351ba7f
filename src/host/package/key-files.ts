import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { didYouMean } from '../../config/nearest.ts'
import { boundsText, type KeyBounds, NO_BOUNDS, readBounds } from '../../package/signing/key-bounds.ts'
import { Problem } from '../../problem.ts'
import { shellArgument } from '../../shell-quote.ts'
import { createAtomically, writeAtomically } from '../disk/atomic.ts'
import { writeProblem } from '../disk/disk-problem.ts'
import { isErrno } from '../disk/errno.ts'
import { isTrustedOwner } from '../home/own-home.ts'
import type { Paths } from '../home/paths.ts'
import { keyId, rawPublicKey, type SigningKey } from './keys.ts'
import type { TrustedKey } from './trust.ts'

/** A pair of keys of this runtime home. */
export interface OwnKey {
  readonly name: string
  readonly id: string
  readonly privateFile: string
  readonly publicFile: string
}

/** Makes a pair of Ed25519 keys, the private one for this user alone. Throws `KEY` when one of the files is there already. */
export function createKey(paths: Paths, name: string): OwnKey {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
    const fix = 'Use letters, digits, _ and - only, at most 64 of them.'
    throw new Problem('KEY', `a key cannot be called ${JSON.stringify(name)}`, fix)
  }
  const [privateFile, publicFile] = [join(paths.keys, `${name}.key`), join(paths.keys, `${name}.pub`)]
  for (const file of [privateFile, publicFile]) if (existsSync(file)) throw taken(file)
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  makeDirectory(paths.keys, 0o700)
  writeNew(privateFile, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600)
  try {
    writeNew(publicFile, pemOf(publicKey), 0o600)
  } catch (error) {
    rmSync(privateFile)
    throw error
  }
  return { name, id: keyId(publicKey), privateFile, publicFile }
}

function taken(file: string): Problem {
  return new Problem('KEY', `there is ${file} already`, 'Choose another name. A key is never overwritten.', { file })
}

function writeNew(file: string, text: string, mode: number): void {
  try {
    createAtomically(file, text, mode)
  } catch (error) {
    throw isErrno(error, 'EEXIST') ? taken(file) : keyProblem(file, error)
  }
}

function makeDirectory(directory: string, mode: number): void {
  try {
    mkdirSync(directory, { recursive: true, mode })
  } catch (error) {
    throw keyProblem(directory, error)
  }
}

function pemOf(publicKey: KeyObject): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString()
}

function keyProblem(file: string, error: unknown): unknown {
  const fix = `Make ${dirname(file)} writable for this user, and make room on its disk.`
  return writeProblem(error, { what: `${file} could not be written`, fix, file })
}

/** The keys that releases can be signed with. */
export function ownKeys(paths: Paths): readonly OwnKey[] {
  return filesIn(paths.keys, '.key').map((privateFile) => {
    const name = basename(privateFile, '.key')
    const key = createPublicKey(readPrivateKey(privateFile))
    return { name, id: keyId(key), privateFile, publicFile: join(paths.keys, `${name}.pub`) }
  })
}

/** The key to sign with: one of `mfserv key create` by its name, or any by the path of its file. Throws `KEY`. */
export function readSigningKey(paths: Paths, wanted: string): SigningKey {
  const file = wanted.includes('/') || wanted.endsWith('.key') ? resolve(wanted) : join(paths.keys, `${wanted}.key`)
  if (!existsSync(file)) {
    const names = filesIn(paths.keys, '.key').map((one) => basename(one, '.key'))
    const fix = `${didYouMean(wanted, names)}Make one with: mfserv key create ${basename(file, '.key')}`
    throw new Problem('KEY', `there is no key ${file}`, fix, { file })
  }
  const key = readPrivateKey(file)
  return { name: basename(file, '.key'), id: keyId(createPublicKey(key)), key }
}

function readPrivateKey(file: string): KeyObject {
  const key = readKey(file, { read: readPrivate, what: 'a private key', fix: GIVE_A_KEY })
  if ((statSync(file).mode & 0o077) !== 0) {
    const message = 'other users may read this private key'
    throw new Problem(
      'KEY',
      message,
      `Take the right away: chmod 600 ${shellArgument(file)}. If others have read it, make a new one.`,
      { file },
    )
  }
  return key
}

/** The public half lies beside it, and its rights are no matter. */
function readPrivate(text: string): KeyObject {
  if (text.includes('PUBLIC KEY')) throw new Error('it is a public key')
  return createPrivateKey(text)
}

/** What the files of trusted keys say. */
export interface TrustedKeys {
  readonly keys: readonly (TrustedKey & { readonly file: string })[]
  /** A `KEY` for each file that is none: whatever it should be is not trusted, and the others count all the same. */
  readonly problems: readonly Problem[]
}

/** The keys that are trusted on this machine. */
export function trustedKeys(directories: readonly string[]): TrustedKeys {
  const files = directories.map(trustedFiles)
  const read = files.flatMap(({ files }) => files).map(keyOrProblem)
  return {
    keys: read.flatMap((one) => (one instanceof Problem ? [] : [one])),
    problems: [...files.flatMap(({ problems }) => problems), ...read.filter((one) => one instanceof Problem)],
  }
}

function trustedFiles(directory: string): { readonly files: readonly string[]; readonly problems: readonly Problem[] } {
  try {
    const problems = [dirname(directory), directory].flatMap((path) => ofOthers(path, 'no key in it is') ?? [])
    if (problems.length > 0) return { files: [], problems }
    return { files: filesIn(directory, '.pub'), problems: [] }
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    const fix = `Give the user of mfserv the right to read ${directory}. Until then, no key in it is trusted.`
    const message = `the trusted keys could not be read: ${error.message}`
    return { files: [], problems: [new Problem('KEY', message, fix, { file: directory }, error)] }
  }
}

function keyOrProblem(file: string): (TrustedKey & { readonly file: string }) | Problem {
  try {
    return readTrustedKey(file)
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}

const OTHERS_WRITE = 0o022

/** Why a file or a directory does not say whose releases are trusted: others could have written it. */
function ofOthers(path: string, what: string): Problem | undefined {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  const place = shellArgument(path)
  if (!isTrustedOwner(stat.uid)) {
    const message = `${path} belongs to another user, who could put any key there`
    return new Problem('KEY', message, `Until it is yours, ${what} trusted. Look at it, then: chown $(id -u) ${place}`, {
      file: path,
    })
  }
  if ((stat.mode & OTHERS_WRITE) === 0) return undefined
  const fix = `Until that right is taken away, ${what} trusted. Look at what is there, then: chmod go-w ${place}`
  return new Problem('KEY', `other users can write to ${path}, and so trust any key`, fix, { file: path })
}

/** A file among the trusted keys. Throws `KEY` when it is none. */
function readTrustedKey(file: string): TrustedKey & { readonly file: string } {
  const open = ofOthers(file, 'this key is not')
  if (open !== undefined) throw open
  const fix = `Remove it: rm ${file}\nThen trust the key again: mfserv key trust ${basename(file)}`
  return readPublicKeyFile(file, fix)
}

function readPublicKeyFile(file: string, fix = GIVE_A_KEY): TrustedKey & { readonly file: string } {
  let bounds = NO_BOUNDS
  const read = (text: string): KeyObject => {
    const before = readBounds(text.slice(0, Math.max(0, text.indexOf('-----BEGIN'))))
    if ('why' in before) throw new Error(before.why)
    bounds = before
    return readPublicKey(text)
  }
  const key = readKey(file, { read, what: 'a public key', fix })
  return { name: basename(file, '.pub'), id: keyId(key), key, file, bounds }
}

/** Node would take the public half of a private key as well, and people would send that one around. */
function readPublicKey(text: string): KeyObject {
  if (text.includes('PRIVATE KEY')) throw new Error('it is a private key')
  return createPublicKey(text)
}

interface KeyKind {
  readonly read: (text: string) => KeyObject
  readonly what: string
  readonly fix: string
}

const GIVE_A_KEY = 'Give a file that mfserv key create made: NAME.key to sign, NAME.pub to trust.'

function readKey(file: string, { read, what, fix }: KeyKind): KeyObject {
  if (!existsSync(file)) throw new Problem('KEY', `there is no file ${file}`, fix, { file })
  try {
    const key = read(readFileSync(file, 'utf8'))
    if (key.asymmetricKeyType === 'ed25519') return key
    throw new Error(`it is of the kind ${key.asymmetricKeyType ?? 'unknown'}, not Ed25519`)
  } catch (cause) {
    throw new Problem('KEY', `${file} is not ${what}: ${whyNoKey(cause)}`, fix, { file }, cause)
  }
}

/** What OpenSSL says of a file without a key is about its decoders. */
function whyNoKey(cause: unknown): string {
  if (isErrno(cause, 'EISDIR')) return 'it is a directory'
  const isOfOpenssl = cause instanceof Error && 'code' in cause && String(cause.code).startsWith('ERR_OSSL')
  return isOfOpenssl ? 'it holds no key' : cause instanceof Error ? cause.message : String(cause)
}

export type Trusting = TrustedKey & {
  readonly file: string
  readonly how: 'trusted now' | 'trusted already' | 'trusted within other bounds'
}

/**
 * Trusts the public key in `file` from now on, for what `bounds` say. One that is trusted already keeps its bounds where none are
 * given. Throws `KEY` when another one has its name.
 */
export function trustKey(paths: Paths, file: string, bounds: KeyBounds = NO_BOUNDS): Trusting {
  const source = resolve(file)
  // Bounds in a file that somebody gave are not the administrator's.
  const given = { ...readPublicKeyFile(source), bounds }
  const text = boundsText(bounds)
  const target = join(paths.trustedKeys, `${given.name}.pub`)
  if (existsSync(target)) {
    const there = readTrustedKey(target)
    if (rawPublicKey(there.key) === rawPublicKey(given.key)) {
      if (text === '' || text === boundsText(there.bounds)) return { ...there, how: 'trusted already' }
      writeAtomically(target, text + pemOf(given.key))
      return { ...given, file: target, how: 'trusted within other bounds' }
    }
    const fix = `Give the file of the new one another name, or remove ${target}.`
    throw new Problem('KEY', `another key is trusted under the name ${given.name}`, fix, { file: target })
  }
  makeDirectory(paths.trustedKeys, 0o700)
  writeNew(target, text + pemOf(given.key), 0o600)
  return { ...given, file: target, how: 'trusted now' }
}

function filesIn(directory: string, ending: string): readonly string[] {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith(ending))
    return names.sort().map((name) => join(directory, name))
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return []
    throw error
  }
}
