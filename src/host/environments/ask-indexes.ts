import { basename } from 'node:path'
import { withoutCredentials } from '../../plugin/python/credentials.ts'
import { Problem, Problems, type Where } from '../../problem.ts'

/** An address that a build is about to use, and where a person wrote it. */
export interface AskedIndex {
  readonly url: string
  readonly where: Where | undefined
}

/** What a person calls it who uses pip or uv, and who uses npm. */
type IndexName = 'package index' | 'registry'

const ANSWERS_WITHIN_MS = 15_000

/** The public one has its own message, and a machine may know it by a mirror that only its tool is told of. */
const PUBLIC = /^https:\/\/(?:pypi\.org|files\.pythonhosted\.org|registry\.npmjs\.org)\//

/**
 * Asks every index of its own that a build would use whether it is there: the tools try a dead one again and again, for
 * minutes. Throws Problems, each with its line. Where a proxy is between, only the tools know the way.
 */
export async function askIndexes(name: IndexName, indexes: readonly AskedIndex[], env: NodeJS.ProcessEnv): Promise<void> {
  if (['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'].some((name) => env[name])) return
  const asked = new Map(indexes.map((one) => [expanded(one.url, env), one]))
  const silent = [...asked].filter(([url]) => URL.canParse(url) && /^https?:\/\//i.test(url) && !PUBLIC.test(`${url}/`))
  const problems = await Promise.all(silent.map(([url, { where }]) => askOne(name, url, where)))
  const found = problems.filter((problem) => problem !== undefined)
  if (found.length === 1) throw found[0]
  if (found.length > 0) throw new Problems(found)
}

/** Both tools read `${NAME}` from their environment. */
function expanded(url: string, env: NodeJS.ProcessEnv): string {
  return url.replace(/\$\{([A-Z0-9_]+)\}/g, (whole, name: string) => env[name] ?? whole)
}

async function askOne(name: IndexName, url: string, where: Where | undefined): Promise<Problem | undefined> {
  const address = new URL('pip/', url.endsWith('/') ? url : `${url}/`)
  // Who asks without a name is answered as well: any answer will do.
  address.username = ''
  address.password = ''
  const ending = new AbortController()
  try {
    const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(ANSWERS_WITHIN_MS)])
    await fetch(address, { redirect: 'manual', signal })
    return undefined
  } catch (error) {
    const why = whyNot(error)
    return why === undefined ? undefined : silentProblem(`the ${name} ${withoutCredentials(url)}`, why, where)
  } finally {
    ending.abort()
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection is refused',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be looked up now',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ETIMEDOUT: 'it does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
}

/** Undefined for what only the tool can judge, such as a certificate, or a connection that is closed for want of one. */
function whyNot(error: unknown): string | undefined {
  if (error instanceof DOMException && error.name === 'TimeoutError') return `no answer within ${ANSWERS_WITHIN_MS / 1000} s`
  const cause = error instanceof Error ? error.cause : undefined
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : ''
  return WORDS[code]
}

function silentProblem(index: string, why: string, where: Where | undefined): Problem {
  const line = where?.line === undefined ? '' : ` Or correct line ${where.line} of ${basename(where.file)}.`
  const from = where === undefined ? ' It stands in the environment, pip.conf or uv.toml.' : ''
  const fix = `Start it, or check the network, and run the command again.${line}${from} Nothing was changed.`
  return new Problem('BUILD_FAILED', `${index} does not answer: ${why}`, fix, where)
}
