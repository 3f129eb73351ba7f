import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeFile } from '../world.ts'

/** A private registry of npm on this machine, which answers nobody without its token. */
export interface NodeRegistry {
  readonly port: number
  readonly close: () => void
}

/** `packages`: the versions by name; a package says its version. */
export async function newNodeRegistry(
  token: string,
  packages: Readonly<Record<string, readonly string[]>>,
): Promise<NodeRegistry> {
  const archives = new Map(
    Object.entries(packages).flatMap(([name, versions]) =>
      versions.map((version) => [`${name}-${version}`, pack(name, version)]),
    ),
  )
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').slice(1)
    const archive = archives.get(path.replace(/^.*\/-\//, '').replace(/\.tgz$/, ''))
    if (request.headers.authorization !== `Bearer ${token}`) response.writeHead(401).end()
    else if (archive !== undefined) response.end(archive)
    else if (packages[path] === undefined) response.writeHead(404).end('{}')
    else response.end(JSON.stringify(described(path, packages[path], archives, `http://${request.headers.host}`)))
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  return { port: typeof address === 'object' && address !== null ? address.port : 0, close: () => server.close() }
}

function described(name: string, versions: readonly string[], archives: ReadonlyMap<string, Buffer>, url: string): object {
  const all = versions.map((version) => {
    const archive = archives.get(`${name}-${version}`) ?? Buffer.alloc(0)
    const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`
    return [version, { name, version, dist: { tarball: `${url}/${name}/-/${name}-${version}.tgz`, integrity } }] as const
  })
  return { name, 'dist-tags': { latest: versions.at(-1) }, versions: Object.fromEntries(all) }
}

function pack(name: string, version: string): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'mfpack'))
  try {
    writeFile(join(directory, 'package/package.json'), JSON.stringify({ name, version, main: 'index.js' }))
    writeFile(join(directory, 'package/index.js'), `module.exports = '${name} ${version}'\n`)
    execFileSync('tar', ['-czf', join(directory, 'x.tgz'), '-C', directory, 'package'])
    return readFileSync(join(directory, 'x.tgz'))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
