import { resolve } from 'node:path'
import { pathsOf, runtimeHome } from '../../host/home/paths.ts'
import type { WrittenPackage } from '../../host/package/write-package.ts'
import { releasePlugin } from '../../operations/make/make-release.ts'
import { describeNeeds } from '../../package/needs.ts'
import { bytesText } from '../bytes-text.ts'
import { progress, type Result } from '../output.ts'

interface ReleaseOptions {
  readonly pluginPath?: string
  readonly outputDirectory?: string
  readonly sign?: string
}

export async function run(_args: readonly [], options: ReleaseOptions): Promise<Result> {
  const { pluginPath = '.', outputDirectory: directory, sign } = options
  const wishes = { ...(directory === undefined ? {} : { directory }), ...(sign === undefined ? {} : { sign }) }
  const place = { paths: pathsOf(runtimeHome()), env: process.env, report: progress }
  return describe(await releasePlugin(resolve(pluginPath), wishes, place))
}

function describe(written: WrittenPackage): Result {
  const { name, version, release, file, size, sha256, needs, files, wheels, nodeModules, signedBy } = written
  const text = [
    `${name} ${version}-${release} was released:`,
    `  ${file}`,
    `  size       ${bytesText(size)}`,
    `  SHA-256    ${sha256}`,
    `  contains   ${files} files; ${wheels} Python and ${nodeModules} Node packages`,
    `  needs      ${describeNeeds(needs)}`,
    `  signature  ${signedBy === undefined ? 'none' : `by the key ${signedBy}`}`,
  ]
  return { data: { ...written, signedBy: signedBy ?? null }, text: text.join('\n') }
}
