import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { METADATA } from '../../package/generated.ts'
import { DEV_LINK_HASHED, hashedText, type Metadata, readMetadata } from '../../package/metadata.ts'
import { Problems } from '../../problem.ts'
import { textOf } from '../disk/text-of.ts'

/** What `plugins.hash` says of a release. */
export function hashOfMetadata(metadata: Metadata): string {
  return md5(hashedText(metadata))
}

/** The same of an unpacked one. What is no release, a development link above all, has one hash for all. */
export function hashOfDirectory(home: string): string {
  const file = join(home, METADATA)
  const text = textOf(file)
  if (text === undefined) return md5(DEV_LINK_HASHED)
  const { value, problems } = readMetadata(text, { file })
  if (value === undefined) throw new Problems(problems)
  return hashOfMetadata(value)
}

/** The original's choice. It tells releases apart and protects nothing; the checksums and the signature do. */
function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}
