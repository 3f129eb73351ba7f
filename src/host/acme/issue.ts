import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { getCACertificates } from 'node:tls'
import type { Settings } from '../../config/settings.ts'
import type { Paths } from '../home/paths.ts'
import { keepAccount, readAccount, removeChallenge, writeChallenge } from './acme-files.ts'

const ANSWERS_WITHIN_MS = 30_000

/**
 * Has the certificate authority of the settings make a certificate for their names, and a key of its own with it. Throws whatever
 * went wrong, as the authority says it. The library is loaded here and nowhere else: it is large.
 */
export async function issue(
  paths: Paths,
  settings: Settings['acme'],
): Promise<{ readonly certificate: string; readonly key: string }> {
  const agent = new Agent({ ca: [...roots(settings.ca)] })
  await askDirectory(settings.directory, agent)
  const acme = await import('acme-client')
  // It would send the same nonce once more, which every authority refuses, and sleep as long as it is told. We come back later.
  const acmeSettings = { retryMaxAttempts: 0, retryDefaultDelay: 0 }
  Object.assign(acme.axios.defaults, { timeout: ANSWERS_WITHIN_MS, httpsAgent: agent, acmeSettings })
  const account = readAccount(paths, settings.directory)
  const accountKey = account?.key ?? String(await acme.crypto.createPrivateEcdsaKey('P-256'))
  // Also when the registration fails, so that the next attempt has the same.
  if (account === undefined) keepAccount(paths, { directory: settings.directory, key: accountKey, url: undefined })
  const { eab_kid: kid, eab_hmac_key: hmacKey } = settings
  const client = new acme.Client({
    directoryUrl: settings.directory,
    accountKey,
    ...(account?.url === undefined ? {} : { accountUrl: account.url }),
    ...(kid === '' ? {} : { externalAccountBinding: { kid, hmacKey } }),
    backoffMin: 1000,
    backoffMax: 10_000,
    backoffAttempts: 30,
  })
  if (account?.url === undefined) {
    const contact = settings.email === '' ? {} : { contact: [`mailto:${settings.email}`] }
    await client.createAccount({ termsOfServiceAgreed: settings.accept_terms, ...contact })
    keepAccount(paths, { directory: settings.directory, key: accountKey, url: client.getAccountUrl() })
  }
  const key = await acme.crypto.createPrivateEcdsaKey('P-256')
  const [, csr] = await acme.crypto.createCsr({ altNames: [...settings.names] }, key)
  const certificate = await client.auto({
    csr,
    // nginx may be reached by another way from here than from the authority.
    skipChallengeVerification: true,
    challengePriority: ['http-01'],
    challengeCreateFn: async (_authorization, { type, token }, text) => {
      if (type !== 'http-01') throw new Error('the certificate authority offers no challenge by HTTP (http-01)')
      writeChallenge(paths, token, text)
    },
    challengeRemoveFn: async (_authorization, { token }) => removeChallenge(paths, token),
  })
  return { certificate, key: String(key) }
}

/** The library says nothing useful of a server that it cannot reach. */
function askDirectory(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent, signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) }, (answer) => {
      answer.resume()
      if (answer.statusCode === 200) resolve()
      else reject(new Error(`it answers ${answer.statusCode}`))
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** Those that this machine trusts, those that Node brings, and that of a private authority. */
function roots(file: string): readonly string[] {
  const all = [...getCACertificates('system'), ...getCACertificates('default')]
  return file === '' ? all : [...all, readFileSync(file, 'utf8')]
}
