import { dateOf } from '../../../config/tls/pair.ts'
import { renewCertificate } from '../../../operations/module/renew-certificate.ts'
import type { Result } from '../../output.ts'
import { surroundings } from '../../surroundings.ts'

export async function run(_args: readonly [], { due }: { readonly due?: true }): Promise<Result> {
  const { paths } = surroundings()
  const done = await renewCertificate(paths, process.env, due === true ? 'if due' : 'now')
  switch (done.is) {
    case 'issued':
      return { data: done, text: `${done.names.join(', ')}: a certificate until ${dateOf(done.until)}` }
    case 'not due':
      return { data: done, text: `It is not due before ${dateOf(done.at)}.` }
    default:
      return done satisfies never
  }
}
