import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { WrittenPackage } from '../../host/package/write-package.ts'
import type { OutputOptions, Result } from '../output.ts'

interface ReleaseOptions extends OutputOptions {
  readonly pluginPath: string
  readonly outputDirectory?: string
  readonly sign?: string
}

export function register(program: Command): void {
  program
    .command('release')
    .description('Make the .plugin file of a plugin, with everything it needs.')
    .option('--plugin-path <directory>', 'the directory of the plugin', '.')
    .option('--output-directory <directory>', 'where the file goes; the directory of the plugin otherwise')
    .option('--sign <key>', 'sign it: the name of a key of "mfserv key create", or the path of its file')
    .action(async (_options, command: Command) => {
      const { print, progress } = await import('../output.ts')
      const { pathsOf, runtimeHome } = await import('../../host/home/paths.ts')
      const { releasePlugin } = await import('../../operations/make/make-release.ts')
      const options = command.optsWithGlobals<ReleaseOptions>()
      const { outputDirectory: directory, sign } = options
      const wishes = { ...(directory === undefined ? {} : { directory }), ...(sign === undefined ? {} : { sign }) }
      const place = { paths: pathsOf(runtimeHome()), env: process.env, report: progress }
      print(await describe(await releasePlugin(resolve(options.pluginPath), wishes, place)), options)
    })
}

async function describe(written: WrittenPackage): Promise<Result> {
  const { describeNeeds } = await import('../../package/needs.ts')
  const { bytesText } = await import('../bytes-text.ts')
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
