import { type Bench, must, printed, type Step } from '../bench.ts'
import { APT, installPackage } from '../packaged.ts'
import { SETTINGS } from '../service/steps.ts'

/*
 * The nginx of the Debian in the machine, which may know more than that of the machine that runs the test: what mfserv writes for
 * it, and whether a client of that Debian gets it.
 */

/** In a container it is a port of the machine that runs the test. */
const HTTPS_PORT = 18_443
const FILES = 'metwork/mfserv/config/certificates/machine.test'
const CONF = 'metwork/mfserv/tmp/config_auto/nginx.conf'
const PAGE = `https://machine.test:${HTTPS_PORT}/pages/`
/** Since this version HTTP/2 is a directive of its own, and one with the address is warned of. */
const HTTP2_ON = [1, 25, 1]
/** Of a new certificate. */
const TAKEN_WITHIN_S = 30

export const FRONT_STEPS: readonly Step[] = [
  { name: 'apt install mfserv', run: installPackage },
  { name: 'apt install curl', run: ({ guest }) => must(guest.run('root', `apt-get -qq update && ${APT} curl`)) },
  { name: 'HTTPS', run: serveHttps },
  { name: 'nginx warns of nothing', run: warnsOfNothing },
  { name: 'HTTP/1.1', run: (on) => isAnswered('--http1.1', '1.1', on) },
  { name: 'HTTP/2', run: (on) => isAnswered('--http2', '2', on) },
  { name: 'HTTP/3', run: http3 },
  { name: 'HTTP/3, another certificate', run: anotherCertificate },
]

async function serveHttps({ guest, user }: Bench): Promise<void> {
  await must(guest.run(user, `${SETTINGS} && mfserv cert self-signed machine.test`))
  const keys = `[nginx]\nhttps_port = ${HTTPS_PORT}\nssl_certificate = %s.crt\nssl_certificate_key = %s.key\nhttp3 = 1\n`
  const files = `"$HOME/${FILES}" "$HOME/${FILES}"`
  await must(guest.run(user, `printf '${keys}' ${files} >>metwork/mfserv/config/config.ini`))
  await must(guest.run(user, 'mfserv.start && plugins.install /srv/in/pages.plugin'))
}

/** What it says of the file that is in force. */
async function warnsOfNothing(on: Bench): Promise<void> {
  const said = await on.guest.run(on.user, `PATH=$PATH:/usr/sbin nginx -t -c $HOME/${CONF} -e stderr`)
  if (said.code !== 0 || said.output.includes('[warn]')) throw new Error(said.output)
  const conf = await printed(on.guest.run(on.user, `cat ${CONF}`))
  const isOn = conf.includes('http2 on;')
  const { version } = await nginxIn(on)
  on.tell(`nginx ${version.join('.')}: ${isOn ? 'http2 on' : 'listen ... http2'}`)
  if (isOn !== isSince(version, HTTP2_ON)) throw new Error(`nginx ${version.join('.')} was told of HTTP/2 in the other way`)
}

/** Where both sides can; where one cannot, no other answer says that it could. */
async function http3(on: Bench): Promise<void> {
  const offered = await printed(on.guest.run(on.user, `${curl('--http2')} --head | grep -ci ^alt-svc: || true`))
  const [canServe, canAsk] = [(await nginxIn(on)).hasHttp3, await curlHasHttp3(on)]
  if ((offered.trim() === '1') !== canServe) throw new Error(`Alt-Svc was sent ${offered.trim()} times`)
  if (canServe && canAsk) return await isAnswered('--http3-only', '3', on)
  on.tell(`HTTP/3: not asked for (nginx ${canServe ? 'has' : 'lacks'} it, curl ${canAsk ? 'has' : 'lacks'} it)`)
}

/** A new connection of QUIC gets the new certificate soon after its file has changed. */
async function anotherCertificate(on: Bench): Promise<void> {
  if (!(await nginxIn(on)).hasHttp3 || !(await curlHasHttp3(on))) return
  await must(on.guest.run(on.user, 'mfserv cert self-signed --force machine.test'))
  const asked = `${curl('--http3-only')} >/dev/null 2>&1`
  await must(on.guest.run(on.user, `for _ in $(seq ${TAKEN_WITHIN_S}); do ${asked} && exit 0; sleep 1; done; exit 1`))
}

async function isAnswered(option: string, version: string, on: Bench): Promise<void> {
  const said = await printed(on.guest.run(on.user, `${curl(option)} --write-out '|%{http_version}|%{http_code}'`))
  if (!said.includes(`ok|${version}|200`)) throw new Error(said)
}

/** It trusts the certificate whose file is there now, and no other. */
function curl(option: string): string {
  const place = `--resolve machine.test:${HTTPS_PORT}:127.0.0.1 --cacert ${FILES}.crt`
  return `curl --silent --show-error --noproxy '*' --max-time 60 ${place} ${option} ${PAGE}`
}

async function nginxIn(on: Bench): Promise<{ readonly version: readonly number[]; readonly hasHttp3: boolean }> {
  const text = await printed(on.guest.run(on.user, 'PATH=$PATH:/usr/sbin nginx -V'))
  const version = /nginx\/(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1, 4).map(Number) ?? []
  return { version, hasHttp3: text.includes('http_v3_module') }
}

async function curlHasHttp3(on: Bench): Promise<boolean> {
  return /^Features:.*\bHTTP3\b/m.test(await printed(on.guest.run(on.user, 'curl --version')))
}

function isSince(version: readonly number[], since: readonly number[]): boolean {
  const difference = since.map((part, index) => (version[index] ?? 0) - part).find((part) => part !== 0)
  return (difference ?? 0) >= 0
}
