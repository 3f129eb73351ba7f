import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { didYouMean } from '../../config/nearest.ts'
import { Problem } from '../../problem.ts'
import type { Paths } from '../paths.ts'
import { isErrno } from '../proc.ts'
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
    const mend = 'Use letters, digits, _ and - only, at most 64 of them.'
    throw new Problem('KEY', `a key cannot be called ${JSON.stringify(name)}`, mend)
  }
  const [privateFile, publicFile] = [join(paths.keys, `${name}.key`), join(paths.keys, `${name}.pub`)]
  for (const file of [privateFile, publicFile]) if (existsSync(file)) throw taken(file)
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  mkdirSync(paths.keys, { recursive: true, mode: 0o700 })
  writeNew(privateFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600)
  try {
    writeNew(publicFile, publicKey.export({ type: 'spki', format: 'pem' }), 0o644)
  } catch (error) {
    rmSync(privateFile)
    throw error
  }
  return { name, id: keyId(publicKey), privateFile, publicFile }
}

function taken(file: string): Problem {
  return new Problem('KEY', `there is ${file} already`, 'Choose another name. A key is never overwritten.', { file })
}

function writeNew(file: string, text: string | Buffer, mode: number): void {
  try {
    const opened = openSync(file, 'wx', mode)
    try {
      writeFileSync(opened, text)
      fsyncSync(opened)
    } finally {
      closeSync(opened)
    }
  } catch (error) {
    throw isErrno(error, 'EEXIST') ? taken(file) : unwritable(file, error)
  }
}

function unwritable(file: string, error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error
  const mend = `Make ${dirname(file)} writable for this user, and make room on its disk.`
  return new Problem('DISK', `${file} could not be written: ${error.message}`, mend, { file }, error)
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
    const mend = `${didYouMean(wanted, names)}Make one with: mfserv key create ${basename(file, '.key')}`
    throw new Problem('KEY', `there is no key ${file}`, mend, { file })
  }
  const key = readPrivateKey(file)
  return { name: basename(file, '.key'), id: keyId(createPublicKey(key)), key }
}

function readPrivateKey(file: string): KeyObject {
  if ((statSync(file).mode & 0o077) !== 0) {
    const message = 'other users may read this private key'
    throw new Problem('KEY', message, `Take the right away: chmod 600 ${file}. If others have read it, make a new one.`, { file })
  }
  return readKey(file, createPrivateKey, 'a private key')
}

/** The keys that are trusted on this machine. Throws `KEY` for a file there that is none. */
export function trustedKeys(directories: readonly string[]): readonly (TrustedKey & { readonly file: string })[] {
  return directories.flatMap((directory) => filesIn(directory, '.pub')).map((file) => readTrustedKey(file))
}

export function readTrustedKey(file: string): TrustedKey & { readonly file: string } {
  const key = readKey(file, readPublicKey, 'a public key')
  return { name: basename(file, '.pub'), id: keyId(key), key, file }
}

/** Node would take the public half of a private key as well, and people would send that one around. */
function readPublicKey(text: string): KeyObject {
  if (text.includes('PRIVATE KEY')) throw new Error('it is a private key')
  return createPublicKey(text)
}

function readKey(file: string, read: (text: string) => KeyObject, what: string): KeyObject {
  const mend = 'Give a file that mfserv key create made: NAME.key to sign, NAME.pub to trust.'
  if (!existsSync(file)) throw new Problem('KEY', `there is no file ${file}`, mend, { file })
  try {
    const key = read(readFileSync(file, 'utf8'))
    if (key.asymmetricKeyType === 'ed25519') return key
    throw new Error(`it is of the kind ${key.asymmetricKeyType ?? 'unknown'}, not Ed25519`)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Problem('KEY', `${file} is not ${what}: ${why}`, mend, { file }, cause)
  }
}

export type Trusting = TrustedKey & { readonly file: string; readonly how: 'trusted now' | 'trusted already' }

/** Trusts the public key in `file` from now on. Throws `KEY` when another one has its name. */
export function trustKey(paths: Paths, file: string): Trusting {
  const source = resolve(file)
  const given = readTrustedKey(source)
  const target = join(paths.trustedKeys, `${given.name}.pub`)
  if (existsSync(target)) {
    const there = readTrustedKey(target)
    if (rawPublicKey(there.key) === rawPublicKey(given.key)) return { ...there, how: 'trusted already' }
    const mend = `Give the file of the new one another name, or remove ${target}.`
    throw new Problem('KEY', `another key is trusted under the name ${given.name}`, mend, { file: target })
  }
  mkdirSync(paths.trustedKeys, { recursive: true })
  writeNew(target, given.key.export({ type: 'spki', format: 'pem' }), 0o644)
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
