import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { MANIFEST, SIGNATURE } from '../../package/generated.ts'
import { readManifest } from '../../package/manifest.ts'
import { type KeyBounds, outOfBounds } from '../../package/signing/key-bounds.ts'
import { readSignature, type SignatureVerdict } from '../../package/signing/signature.ts'
import type { Problem } from '../../problem.ts'
import { keyId, rawPublicKey } from './keys.ts'

/** Whose releases the administrator wants. */
export interface Trust {
  readonly required: boolean
  readonly keys: readonly TrustedKey[]
  /** With each file that should say whose releases are trusted, and does not. */
  readonly problems: readonly Problem[]
}

export interface TrustedKey {
  /** The name of its file without `.pub`. */
  readonly name: string
  readonly id: string
  readonly key: KeyObject
  readonly bounds: KeyBounds
}

/** No keys and no wish: everything is taken that is not wrong. */
export const NO_TRUST: Trust = { required: false, keys: [], problems: [] }

/** What the signature among the generated files of an archive is worth. */
export function judgeSignature(texts: ReadonlyMap<string, string>, { keys }: Trust): SignatureVerdict {
  const [text, manifest] = [texts.get(SIGNATURE), texts.get(MANIFEST)]
  if (text === undefined) return { is: 'unsigned' }
  const { value } = readSignature(text, { file: SIGNATURE })
  if (value === undefined) return { is: 'wrong', key: '', why: `${SIGNATURE} is not readable` }
  const { key, publicKey, signature } = value
  if (manifest === undefined) return { is: 'wrong', key, why: `there is no ${MANIFEST} that it could be of` }
  const maker = publicKeyOf(publicKey)
  if (maker === undefined || keyId(maker) !== key) return { is: 'wrong', key, why: 'it names another key than it brings' }
  const fits = verify(null, Buffer.from(manifest), maker, Buffer.from(signature, 'base64'))
  if (!fits) return { is: 'wrong', key, why: `${MANIFEST} was changed after it was signed` }
  const trusted = keys.filter((candidate) => rawPublicKey(candidate.key) === publicKey)
  const [first] = trusted
  if (first === undefined) return { is: 'unknown key', key }
  const of = readManifest(manifest, { file: MANIFEST }).value
  if (of === undefined) return { is: 'wrong', key, why: `${MANIFEST} is not readable` }
  // One key may stand in several files, each for other plugins.
  const fitting = trusted.find(({ bounds }) => outOfBounds(bounds, of) === undefined)
  if (fitting !== undefined) return { is: 'trusted', by: fitting.name, key }
  return { is: 'out of bounds', by: first.name, key, why: trusted.map(({ bounds }) => outOfBounds(bounds, of)).join('; ') }
}

function publicKeyOf(base64: string): KeyObject | undefined {
  const raw = Buffer.from(base64, 'base64')
  if (raw.length !== 32) return undefined
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' })
}
