import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { type Headers, pack } from 'tar-stream'

/** An entry of an archive that nobody should unpack, or should. */
export interface MadeEntry extends Headers {
  readonly body?: string | Buffer
}

/** The two files that make an archive a release of MFSERV 2.x. */
export const ORIGINAL: readonly MadeEntry[] = [
  { name: 'metwork_plugin/.layerapi2_label', body: 'plugin_evil@mfserv\n' },
  { name: 'metwork_plugin/.metadata.json', body: JSON.stringify({ version: '1.0', release: '1', size: '1' }) },
  { name: 'metwork_plugin/.files.json', body: JSON.stringify(['metwork_plugin/.layerapi2_label']) },
]

/** The tar of the entries, as they are: nothing is checked. */
export async function tarOf(entries: readonly MadeEntry[]): Promise<Buffer> {
  const tar = pack()
  for (const { body = '', ...header } of entries) {
    const isFile = header.type === undefined || header.type === 'file'
    if (isFile) tar.entry(header, Buffer.from(body))
    else tar.entry(header)
  }
  tar.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of tar) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export async function writeArchive(file: string, entries: readonly MadeEntry[]): Promise<string> {
  writeFileSync(file, gzipSync(await tarOf(entries)))
  return file
}

/** The tar of at least so many directories, forty of them in each other in each entry. Not by tar-stream, which is slow. */
export async function tarOfMany(count: number): Promise<Buffer> {
  const name = `metwork_plugin/000000${'/d'.repeat(39)}`
  const header = (await tarOf([{ name, type: 'directory', mtime: new Date(0) }])).subarray(0, 512)
  const headers = Array.from({ length: Math.ceil(count / 40) }, (_, index) =>
    patchHeader(Buffer.from(header), name, (copy) => copy.write(String(index).padStart(6, '0'), 'metwork_plugin/'.length)),
  )
  return Buffer.concat([...headers, Buffer.alloc(1024)])
}

/** Changes bytes of the header of a tar's entry, and makes its checksum right again. */
export function patchHeader(tar: Buffer, name: string, patch: (header: Buffer) => void): Buffer {
  const at = tar.indexOf(name)
  if (at % 512 !== 0) throw new Error(`no header of ${name}`)
  const header = tar.subarray(at, at + 512)
  patch(header)
  header.fill(' ', 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return tar
}
