import { join } from 'node:path'
import { MANIFEST, SIGNATURE } from '../../package/generated.ts'
import type { Problem } from '../../problem.ts'
import { textOf } from '../disk/text-of.ts'
import { wrongSignature } from './facts.ts'
import { judgeSignature, type Trust } from './trust.ts'
import { refusedBy } from './unpack.ts'

/**
 * Why a release that was unpacked into `home` before may not come into force: it is asked as an installation is, by what is
 * trusted now. Its signature is over the manifest, which it brought.
 */
export function refusedOnDisk(home: string, trust: Trust): Problem | undefined {
  const texts = [MANIFEST, SIGNATURE].flatMap((name) => {
    const text = textOf(join(home, name))
    return text === undefined ? [] : [[name, text] as const]
  })
  const signature = judgeSignature(new Map(texts), trust)
  if (signature.is === 'wrong') return wrongSignature(signature.why, { file: home })
  return refusedBy({ trust }, { signature, file: home })
}
