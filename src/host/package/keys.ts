import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto'
import type { Signature } from '../../package/signing/signature.ts'

/** A private key that signs releases. */
export interface SigningKey {
  readonly name: string
  readonly id: string
  readonly key: KeyObject
}

/** The 32 bytes of a public Ed25519 key, in base64. */
export function rawPublicKey(key: KeyObject): string {
  const { x } = key.export({ format: 'jwk' })
  if (x === undefined) throw new Error('a key that is not Ed25519')
  return Buffer.from(x, 'base64url').toString('base64')
}

/** How people tell keys apart: the beginning of the SHA-256 of the public one. */
export function keyId(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(Buffer.from(rawPublicKey(publicKey), 'base64'))
    .digest('hex')
    .slice(0, 16)
}

export function signManifest(manifest: string, { key, id }: SigningKey): Signature {
  const signature = sign(null, Buffer.from(manifest), key).toString('base64')
  return { key: id, publicKey: rawPublicKey(createPublicKey(key)), signature }
}
