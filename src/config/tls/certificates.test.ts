import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProblem } from '../../problem.ts'
import { buildConfig, commonEnvironment } from '../config.ts'
import { certificatesOf, claimedTwice } from './certificates.ts'

const VARIABLES = { MFHARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2: '8' }
const SHOP = '[certificate_shop]\ncertificate = /s.pem\nkey = /s.key\nnames = Shop.org, *.shop.org\n'

test('sections have certificates of their own, beside that of all other names', () => {
  const { config, problems } = build(`[nginx]\nhttps_port = 443\nssl_certificate = /c.pem\nssl_certificate_key = /c.key\n${SHOP}`)
  assert.deepEqual(problems, [])
  assert.deepEqual(certificatesOf(config), [
    { section: 'nginx', certificate: '/c.pem', key: '/c.key', names: [], where: { file: 'config.ini', line: 3 } },
    {
      section: 'certificate_shop',
      certificate: '/s.pem',
      key: '/s.key',
      names: ['shop.org', '*.shop.org'],
      where: { file: 'config.ini', line: 6 },
    },
  ])
})

test('HTTPS needs no other certificate than that of a section', () => {
  const { config, problems } = build(`[nginx]\nhttps_port = 443\n${SHOP}`)
  assert.deepEqual([problems, config.settings.nginx.https_port], [[], 443])
  assert.deepEqual(
    certificatesOf(config).map(({ section }) => section),
    ['certificate_shop'],
  )
})

test('a key that is unknown in such a section, and a name that is none, are told with their line', () => {
  const { problems } = build('[certificate_a]\ncert = /a\nnames = a b\n')
  assert.deepEqual(
    problems.map((one) => formatProblem(one).split('\n')[0]),
    ['config.ini:2  [certificate_a] has no key "cert"  (INI_UNKNOWN_KEY)', 'config.ini:3  names is "a b"  (INI_BAD_VALUE)'],
  )
})

test('a name of two sections is told with its line, and the first has it', () => {
  const again = '[certificate_again]\ncertificate = /a.pem\nkey = /a.key\nnames = a.org, shop.org, a.org\n'
  const { config } = build(`${SHOP}${again}`)
  assert.deepEqual(claimedTwice(certificatesOf(config)).map(formatProblem), [
    'config.ini:6  [certificate_again] has a certificate for shop.org, which [certificate_shop] has already: its certificate is served  (CERTIFICATE_NAME)\n  Leave the name to one of the two.',
  ])
})

test('plugins learn nothing of the files of certificates, so none is replaced when they change', () => {
  const names = Object.keys(commonEnvironment(build(SHOP).config))
  assert.deepEqual(
    names.filter((name) => name.includes('CERTIFICATE_SHOP')),
    [],
  )
})

function build(text: string) {
  return buildConfig([{ layer: 'user', file: 'config.ini', text }], VARIABLES, '')
}
