import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { writeProblem } from '../../../host/disk/disk-problem.ts'
import { keepPrivately } from '../../../host/disk/private-file.ts'
import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { now } from '../../../host/process/clock.ts'
import { selfSigned } from '../../../host/tls/self-signed.ts'
import { Problem } from '../../../problem.ts'
import type { Result } from '../../output.ts'

const MOST_DAYS = 3650

export async function run(
  [first, rest]: readonly [string, readonly string[]],
  options: { readonly days?: string; readonly directory?: string; readonly force?: true },
): Promise<Result> {
  const names = [first, ...rest] as const
  const wrong = names.find((name) => !/^(\*\.)?[\w.:-]+$/.test(name))
  if (wrong !== undefined) throw new Problem('USAGE', `"${wrong}" is no host name`, 'Write names such as www.example.org.')
  const days = Number(options.days ?? '365')
  if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS)
    throw new Problem('USAGE', `--days is "${options.days}"`, `Write a whole number from 1 to ${MOST_DAYS}.`)
  const directory = options.directory === undefined ? pathsOf(runtimeHome()).certificates : resolve(options.directory)
  const at = join(directory, first.replace('*', '_').replaceAll(':', '_'))
  const files = { certificate: `${at}.crt`, key: `${at}.key` }
  const there = Object.values(files).find((file) => existsSync(file))
  if (there !== undefined && options.force === undefined)
    throw new Problem('CERTIFICATE', `${there} is there already`, 'To replace it: --force', { file: there })
  const made = await selfSigned(names, days, now())
  try {
    keepPrivately(files.key, made.key)
    keepPrivately(files.certificate, made.certificate)
  } catch (error) {
    throw writeProblem(error, {
      what: `${at}.crt could not be written`,
      fix: 'Choose a directory that you may write to: --directory',
      file: directory,
    })
  }
  const text = [
    `A certificate for ${names.join(', ')} was made. It holds for ${days} days. Browsers warn of it until they are told to trust it.`,
    'To use it, in config/config.ini of the runtime home:',
    '  [nginx]',
    '  https_port = 8443',
    `  ssl_certificate = ${files.certificate}`,
    `  ssl_certificate_key = ${files.key}`,
  ]
  return { data: { names, days, ...files }, text: text.join('\n') }
}
