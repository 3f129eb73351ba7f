import { sign } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SigningKey } from '../../src/host/package/keys.ts'
import { sha256OfFile } from './write.ts'

const SUMS = 'SHA256SUMS'

/** Writes the checksums of the files in `out`, and their signature where there is a key: tools that every Debian has read both. */
export async function writeSums(out: string, names: readonly string[], key: SigningKey | undefined): Promise<void> {
  const lines = await Promise.all(names.map(async (name) => `${await sha256OfFile(join(out, name))}  ${name}\n`))
  const sums = lines.join('')
  const signature = join(out, `${SUMS}.sig`)
  // A signature of other sums would be worse than none.
  rmSync(signature, { force: true })
  writeFileSync(join(out, SUMS), sums)
  if (key !== undefined) writeFileSync(signature, sign(null, Buffer.from(sums), key.key))
}
