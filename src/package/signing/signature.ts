import { Problem, type Where } from '../../problem.ts'
import { damaged, type Reading, readObject } from '../metadata.ts'

/** `.signature.json`: Ed25519 over the bytes of `.mfserv_release.json`. */
export interface Signature {
  /** The beginning of the SHA-256 of the public key. */
  readonly key: string
  /** The public key, 32 bytes in base64. It says nothing about whose it is. */
  readonly publicKey: string
  /** 64 bytes in base64. */
  readonly signature: string
}

/** What is known about who made a release. */
export type SignatureVerdict =
  | { readonly is: 'unsigned' }
  /** By a key that the administrator trusts. */
  | { readonly is: 'trusted'; readonly by: string; readonly key: string }
  /** By a trusted key that does not count for this plugin, or not for so low a version. */
  | { readonly is: 'out of bounds'; readonly by: string; readonly key: string; readonly why: string }
  | { readonly is: 'unknown key'; readonly key: string }
  | { readonly is: 'wrong'; readonly key: string; readonly why: string }

export function signatureText({ key, publicKey, signature }: Signature): string {
  return `${JSON.stringify({ format: 1, algorithm: 'ed25519', key, public_key: publicKey, signature }, null, 1)}\n`
}

export function readSignature(text: string, where: Where): Reading<Signature> {
  const json = readObject(text, where)
  if (json instanceof Problem) return { value: undefined, problems: [json] }
  const [key, publicKey, signature] = [json['key'], json['public_key'], json['signature']]
  const fits = json['format'] === 1 && json['algorithm'] === 'ed25519'
  if (fits && typeof key === 'string' && typeof publicKey === 'string' && typeof signature === 'string')
    return { value: { key, publicKey, signature }, problems: [] }
  return { value: undefined, problems: [damaged('its signature is not one of format 1', where)] }
}

export function describeVerdict(verdict: SignatureVerdict): string {
  switch (verdict.is) {
    case 'unsigned':
      return 'unsigned'
    case 'trusted':
      return `signed by ${verdict.by} (key ${verdict.key}), which is trusted here`
    case 'out of bounds':
      return `signed by ${verdict.by} (key ${verdict.key}), which does not count for it: ${verdict.why}`
    case 'unknown key':
      return `signed with the key ${verdict.key}, which is not known here`
    case 'wrong':
      return `wrong: ${verdict.why}`
    default:
      return verdict satisfies never
  }
}
