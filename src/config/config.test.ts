import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { serverSettings } from '../desired/server-settings.ts'
import { formatProblem } from '../problem.ts'
import { buildConfig, commonEnvironment, environmentOfPlugin, type LayerText, settingsEnvironment } from './config.ts'
import { SETTINGS } from './settings.ts'

const VARIABLES = { MFHARDWARE_NUMBER_OF_CPU_CORES_MULTIPLIED_BY_2: '8', HOME: '/home/mfserv' }

test('without any file the module has the documented defaults', () => {
  const { config, problems } = build()
  assert.deepEqual(problems, [])
  assert.deepEqual(serverSettings(config), {
    port: 18868,
    httpsPort: 0,
    listen: [],
    tls: {
      certificates: [],
      ciphers: SETTINGS.nginx.ssl_ciphers.fallback,
      protocols: 'TLSv1.2 TLSv1.3',
      http2: true,
      http3: false,
      hstsSeconds: 0,
      redirect: false,
      challenges: false,
    },
    workers: 8,
    timeoutSeconds: 60,
    uploadMaxBodySizeMb: 100,
    accessLog: true,
    debugLog: false,
    addRequestIdHeader: true,
    acceptIncomingRequestIdHeader: false,
    trace: false,
    addXForwardedHeaders: true,
    healthLocation: '/__health',
    healthAccessLog: false,
    ignoreClientAbort: true,
    serverTokens: true,
    portInRedirect: true,
    realIp: undefined,
    uuidExtraAllows: [],
    pluginListExtraAllows: [],
    welcome: true,
    debugAllow: [],
  })
})

for (const path of [
  '/status',
  '/uuid',
  '/__mfserv',
  '/__mfserv_unclaimed',
  '/__mfserv_face',
  '/__mfserv_face/html',
  '/__mfserv/index.html',
]) {
  test(`the health location cannot be ${path}, which mfserv answers itself, and stays what it was`, () => {
    const { config, problems } = build(user(`[nginx]\nhealth_location=${path}\n`))
    assert.deepEqual(problems.map(formatProblem), [
      `config.ini:2  health_location is "${path}"  (INI_BAD_VALUE)\n  Write a path that mfserv does not answer itself, such as /__health, or null.`,
    ])
    assert.equal(serverSettings(config).healthLocation, '/__health')
  })
}

test('the health location can be switched off, and real_ip on with its header and its proxies', () => {
  const { config } = build(
    user(
      '[nginx]\nhealth_location=null\nreal_ip=1\nreal_ip_recursive=0\nreal_ip_header=X-Real-IP\nreal_ip_set_from=10.0.0.0/8\n',
    ),
  )
  const { healthLocation, realIp } = serverSettings(config)
  assert.deepEqual([healthLocation, realIp], [undefined, { header: 'X-Real-IP', recursive: false, from: ['10.0.0.0/8'] }])
})

test('every default reads as its key demands', () => {
  const { config } = build()
  for (const [section, keys] of Object.entries(SETTINGS)) {
    for (const [key, { read }] of Object.entries(keys)) {
      assert.ok('value' in read(config.texts.get(section)?.get(key)?.text ?? ''), `[${section}] ${key}`)
    }
  }
})

test('the site file wins over the user file key by key, and every value knows where it comes from', () => {
  const { config, problems } = build(
    user('[INCLUDE_config.ini]\n[nginx]\nport = 8080\ntimeout=30\n'),
    site('[nginx]\nport=null\n[log]\nminimal_level=DEBUG\n'),
  )
  assert.deepEqual(problems, [])
  const { nginx } = config.settings
  assert.deepEqual([nginx.port, nginx.timeout, nginx.workers, serverSettings(config).debugLog], [0, 30, 8, true])
  const origins = ['port', 'timeout', 'workers'].map((key) => config.texts.get('nginx')?.get(key)?.from)
  assert.deepEqual(origins, [
    { layer: 'site', where: { file: '/etc/config.ini', line: 2 } },
    { layer: 'user', where: { file: 'config.ini', line: 4 } },
    { layer: 'built-in' },
  ])
})

test('a variant is chosen within its file, so that a plain key of the site file still wins', () => {
  const { config } = build(user('[nginx]\nport=1\nport[DEV]=2\ntimeout[DEV]=3\n'), site('[nginx]\nport=4\n'))
  assert.deepEqual([config.settings.nginx.port, config.settings.nginx.timeout], [4, 3])
})

test('every parameter becomes a variable, those of a plugin section too', () => {
  const { config, problems } = build(
    user('[nginx]\nport=81\n[plugin_my-plugin]\ndata-dir={{HOME}}/data\nold=@@@HOME@@@\n_private=1\n'),
  )
  assert.deepEqual(problems, [])
  const environment = settingsEnvironment(config)
  assert.equal(environment['MFSERV_NGINX_PORT'], '81')
  assert.equal(environment['MFSERV_NGINX_WORKERS'], '8')
  assert.equal(environment['MFSERV_PLUGIN_MY_PLUGIN_DATA_DIR'], '/home/mfserv/data')
  assert.equal(environment['MFSERV_PLUGIN_MY_PLUGIN_OLD'], '/home/mfserv')
  assert.deepEqual(
    Object.keys(environment).filter((name) => name.includes('PRIVATE')),
    [],
  )
})

test('every mistake is told at once, and what cannot be read leaves the default', () => {
  const { config, problems } = build(
    user(`[nginx]
prot = 80
port = 70000
timeout = soon
logging = maybe
ssl_protocols = TLSv1 TLSv1.1 TLSv1.2
uuid_endpoint_extra_allows = anyone
[log]
retention = 5
minimal_level = info
[admin]
hostname = null
[ngnix]
port = 80
[supervisor]
hold_max = {{NOBODY}}
`),
  )
  assert.equal(
    problems.map(formatProblem).join('\n'),
    `config.ini:2  [nginx] has no key "prot"  (INI_UNKNOWN_KEY)
  Did you mean "port"? Otherwise remove the line.
config.ini:3  port is "70000"  (INI_BAD_VALUE)
  Write a whole number from 0 to 65535.
config.ini:4  timeout is "soon"  (INI_BAD_VALUE)
  Write a whole number from 1 to 86400.
config.ini:5  logging is "maybe"  (INI_BAD_VALUE)
  Write 1 or 0.
config.ini:6  ssl_protocols is "TLSv1 TLSv1.1 TLSv1.2"  (INI_BAD_VALUE)
  Write TLSv1.2 TLSv1.3, or one of the two.
config.ini:7  uuid_endpoint_extra_allows is "anyone"  (INI_BAD_VALUE)
  Write addresses or networks separated by commas, such as 10.0.0.0/8, or null.
config.ini:9  retention has no effect in this version  (INI_IGNORED_KEY)
  Write number_of_rotated_files and max_age_before_rotation instead.
config.ini:10  minimal_level is "info"  (INI_BAD_VALUE)
  Write one of DEBUG, INFO, WARNING, ERROR, CRITICAL.
config.ini:11  [admin] has no effect in this version, it only sets the variables MFSERV_ADMIN_<KEY>  (INI_IGNORED_SECTION)
  Nothing is broken. Remove the section if no plugin reads its variables.
config.ini:13  [ngnix] is no section of mfserv, it only sets the variables MFSERV_NGNIX_<KEY>  (INI_IGNORED_SECTION)
  Did you mean "nginx"? A section for a plugin is named [plugin_<name>].
config.ini:16  there is no variable NOBODY, so it reads as empty  (INI_UNKNOWN_VARIABLE)
  Name a variable of the environment, or write the value itself.
config.ini:16  hold_max is ""  (INI_BAD_VALUE)
  Write a whole number from 0 to 1000000.`,
  )
  assert.equal(config.settings.nginx.timeout, 60)
  assert.equal(config.settings.supervisor.hold_max, 1000)
})

test('an HTTPS port without a certificate is refused and stays off, so that HTTP is served', () => {
  const { config, problems } = build(user('[nginx]\nhttps_port=8443\nssl_certificate=/a.pem\n'))
  assert.deepEqual(problems.map(formatProblem), [
    'config.ini:2  https_port is 8443, but ssl_certificate_key names no file  (INI_BAD_VALUE)\n  Write both files of the certificate and a port of its own, or https_port = 0.',
  ])
  assert.equal(config.settings.nginx.https_port, 0)
})

test('an HTTPS port of its own with both files is taken, and one that is the HTTP port too is refused', () => {
  const files = 'ssl_certificate=/a.pem\nssl_certificate_key=/a.key\n'
  const right = build(user(`[nginx]\nhttps_port=8443\n${files}`))
  assert.deepEqual([right.problems, right.config.settings.nginx.https_port], [[], 8443])
  const same = build(user(`[nginx]\n${files}port=8443\nhttps_port=8443\n`))
  assert.deepEqual(same.problems.map(formatProblem), [
    'config.ini:5  https_port is 8443, but it is the HTTP port too  (INI_BAD_VALUE)\n  Write both files of the certificate and a port of its own, or https_port = 0.',
  ])
  assert.equal(same.config.settings.nginx.https_port, 0)
})

test('a text that no process can be given is refused in any section, once, and sets no variable', () => {
  const most = 131_072 - 'MFSERV_PLUGIN_A_TEXT='.length - 1
  const fits = build(user(`[plugin_a]\ntext=${'x'.repeat(most)}\n`))
  assert.deepEqual(fits.problems, [])
  const long = build(user(`[plugin_a]\ntext=${'x'.repeat(most + 1)}\n[nginx]\nprot=${'x'.repeat(131_072)}\n`))
  assert.deepEqual(long.problems.map(formatProblem), [
    'config.ini:2  MFSERV_PLUGIN_A_TEXT is too long for a process: 131073 bytes with its name, of at most 131072  (INI_BAD_VALUE)\n  Write such a text into a file of the plugin, and the name of the file here.',
    'config.ini:4  MFSERV_NGINX_PROT is too long for a process: 131091 bytes with its name, of at most 131072  (INI_BAD_VALUE)\n  Write such a text into a file of the plugin, and the name of the file here.',
  ])
  assert.deepEqual(environmentOfPlugin(long.config, 'a'), {})
})

test('a key that every object of JavaScript has is an unknown key, and is in no section of mfserv by itself', () => {
  const { problems } = build(user('[nginx]\nconstructor=1\n[constructor]\nport=1\n'))
  assert.deepEqual(
    problems.map(({ message }) => message),
    [
      '[nginx] has no key "constructor"',
      '[constructor] is no section of mfserv, it only sets the variables MFSERV_CONSTRUCTOR_<KEY>',
    ],
  )
})

test('a default that needs a fact of the machine is never guessed', () => {
  assert.throws(() => buildConfig([], {}, 'DEV'), { message: 'the built-in [nginx] workers =  does not read' })
})

test('a value that cannot be read never switches off what is required of a release', () => {
  const required = (layer: LayerText) => build(layer).config.settings.releases.require_signature
  for (const value of ['onn', 'yess', '2', ''])
    assert.equal(required(user(`[releases]\nrequire_signature=${value}\n`)), true, value)
  assert.equal(required(user('[releases]\nrequire_signature=off\n')), false)
  assert.equal(required(user('[releases]\nkeep=3\n')), false)
})

test('no text makes the configuration fail, and it always has a value for every setting', () => {
  const section = fc.constantFrom('nginx', 'log', 'supervisor', 'misc', 'plugin_a', 'x', '__proto__')
  const key = fc.oneof(fc.constantFrom('port', 'workers', 'https_port', 'flag', 'toString', '__proto__'), fc.string())
  const line = fc.oneof(
    section.map((name) => `[${name}]`),
    fc.tuple(key, fc.string()).map((pair) => pair.join('=')),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const { settings } = build(user(lines.join('\n'))).config
      assert.equal(typeof settings.nginx.port, 'number')
      assert.equal(typeof settings.misc.core_size, 'number')
    }),
  )
})

function build(...layers: readonly LayerText[]) {
  return buildConfig(layers, VARIABLES, 'DEV')
}

function user(text: string): LayerText {
  return { layer: 'user', file: 'config.ini', text }
}

function site(text: string): LayerText {
  return { layer: 'site', file: '/etc/config.ini', text }
}

test('what is set for one plugin is neither common nor that of another whose name begins like it', () => {
  const { config } = build(
    user('[nginx]\nport=81\n[plugin_shop]\neu_token=a\n[plugin_shop_eu]\ntoken=b\n[plugin_my-plugin]\nkey=c\n'),
  )
  assert.equal(commonEnvironment(config)['MFSERV_NGINX_PORT'], '81')
  assert.deepEqual(
    Object.keys(commonEnvironment(config)).filter((name) => name.startsWith('MFSERV_PLUGIN_')),
    [],
  )
  assert.deepEqual(environmentOfPlugin(config, 'shop'), { MFSERV_PLUGIN_SHOP_EU_TOKEN: 'a' })
  assert.deepEqual(environmentOfPlugin(config, 'shop_eu'), { MFSERV_PLUGIN_SHOP_EU_TOKEN: 'b' })
  assert.deepEqual(environmentOfPlugin(config, 'my-plugin'), { MFSERV_PLUGIN_MY_PLUGIN_KEY: 'c' })
  assert.deepEqual(environmentOfPlugin(config, 'eu'), {})
})

test('a setting that has no effect is told with the reason when it is set, and not when it says what happens anyway', () => {
  const { problems } = build(user('[autorestart]\nflag=0\n\n\n[log]\nmfadmin_flag=1\nchmod=644\nmfadmin_minimal_level=WARNING\n'))
  assert.equal(
    problems.map(formatProblem).join('\n'),
    [
      'config.ini:2  flag has no effect: what restarts a failed daemon is the service manager of the machine  (INI_IGNORED_KEY)',
      '  Remove the line.',
      'config.ini:6  mfadmin_flag has no effect: there is no admin server  (INI_IGNORED_KEY)',
      '  Remove the line.',
      'config.ini:7  chmod has no effect: it is for a json_file outside of log/, and there is none  (INI_IGNORED_KEY)',
      '  Remove the line, or write a path such as json_file = /var/log/mfserv.json.',
    ].join('\n'),
  )
})
