import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProblem } from '../../problem.ts'
import { parsePlugin } from '../parse.ts'

const GENERAL = '[general]\nversion=1\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\n'
const NODE = '[app_main]\ntype=command\nmain_arg=x {port}\nworkers=1\n'

function read(lines: string, files: Readonly<Record<string, string>> = {}, beginning = `${GENERAL}${NODE}`) {
  const source = (file: string, text: string) => ({ file, text })
  const all: Readonly<Record<string, string>> = { main: '', ...files }
  const { plugin, problems } = parsePlugin(
    {
      label: source('label', 'plugin_blog@mfserv'),
      configIni: source('config.ini', `${beginning}${lines}`),
      dependencies: undefined,
      extraEnv: undefined,
      crontab: undefined,
    },
    { home: '/blog', present: (path) => path in all, text: (path) => all[path] },
    {},
  )
  return { rules: plugin?.apps[0]?.rules, problems: problems.map(formatProblem) }
}

test('an app that says nothing has no rules, and neither has one that says the defaults', () => {
  assert.deepEqual(read(''), { rules: undefined, problems: [] })
  const defaults =
    'auth_basic_user_file=null\nallowed_networks=null\nrate_limit=0\nconnection_limit=0\nrequest_limit=0\ncors_origins=null\ngzip=0\n'
  assert.deepEqual(read(`${defaults}static_max_age=0\nupload_max_body_size=0\nbuffering=1\nrequest_header_max_size=0\n`), {
    rules: undefined,
    problems: [],
  })
})

test('everything that an app may say of nginx in front of it', () => {
  const { rules, problems } = read(
    'auth_basic_user_file=conf/htpasswd\nallowed_networks=127.0.0.1, 10.0.0.0/8, ::1, fd00::/8\nrate_limit=30/m\nrate_limit_burst=5\n' +
      'connection_limit=4\nrequest_limit=50\ncors_origins=https://a.example.org, https://*.example.net:8443\ncors_methods=GET, PUT\n' +
      'cors_headers=Content-Type\ncors_exposed_headers=X-Total\ncors_credentials=1\nstatic_max_age=60\ngzip=1\n' +
      'upload_max_body_size=2\nbuffering=0\nvirtualdomain_based_routing=1\nrequest_header_max_size=64\n',
    { 'conf/htpasswd': '' },
  )
  assert.deepEqual(problems, [])
  assert.deepEqual(rules, {
    passwordFile: 'conf/htpasswd',
    networks: ['127.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8'],
    rate: { requests: 30, per: 'minute', burst: 5 },
    connections: 4,
    requests: 50,
    cors: {
      origins: ['https://a.example.org', 'https://*.example.net:8443'],
      methods: ['GET', 'PUT'],
      headers: ['Content-Type'],
      exposed: ['X-Total'],
      credentials: true,
    },
    staticMaxAge: 60,
    gzip: true,
    maxBodyMb: 2,
    buffering: false,
    maxHeaderKb: 64,
  })
  assert.deepEqual(read('rate_limit=10/s\n').rules?.rate, { requests: 10, per: 'second', burst: 10 })
})

test('a value that nginx would not take, or that would mean something else, is told with its line', () => {
  for (const line of [
    'auth_basic_user_file=../htpasswd',
    'auth_basic_user_file=$x',
    'allowed_networks=everybody',
    'allowed_networks=10.0.0.256',
    'allowed_networks=10.0.0',
    'allowed_networks=10.0.0.0/33',
    'allowed_networks=fd00::/129',
    'allowed_networks=1:2:3',
    'allowed_networks=1::2::3',
    'rate_limit=10',
    'rate_limit=0/s',
    'rate_limit=10/h',
    'connection_limit=many',
    'cors_origins=www.example.org',
    'cors_origins=https://www.example.org/',
    'cors_origins=https://*',
    'cors_methods=get',
    'cors_headers=X Y',
    'static_max_age=1h',
    'gzip=maybe',
    'request_header_max_size=1025',
  ]) {
    const { problems } = read(`${line}\n${/^cors_[mh]/.test(line) ? 'cors_origins=*\n' : ''}`)
    assert.equal(problems.length, 1, line)
    assert.match(problems.join(), /^config\.ini:12 {2}\w+ is ".*\(INI_BAD_VALUE\)/, line)
  }
})

test('a file of passwords that is not there is told, unless its path says that it is none of the plugin', () => {
  assert.deepEqual(read('auth_basic_user_file=htpasswd\n').problems, [
    'config.ini:12  auth_basic_user_file needs htpasswd, which is not in the plugin  (PLUGIN_FILE_MISSING)\n  Create it, with lines such as those of: openssl passwd -apr1. Or write null.',
  ])
  assert.deepEqual(read('auth_basic_user_file=/etc/htpasswd\n'), { rules: { passwordFile: '/etc/htpasswd' }, problems: [] })
})

test('what has no effect is told', () => {
  const ignored = (lines: string) => read(lines).problems.map((text) => text.split('\n')[0])
  assert.deepEqual(ignored('rate_limit_burst=5\n'), [
    'config.ini:12  rate_limit_burst has no effect: it counts with rate_limit  (INI_IGNORED_KEY)',
  ])
  assert.deepEqual(ignored('cors_headers=A\ncors_credentials=1\n'), [
    'config.ini:12  cors_headers has no effect: it counts with cors_origins  (INI_IGNORED_KEY)',
    'config.ini:13  cors_credentials has no effect: it counts with cors_origins  (INI_IGNORED_KEY)',
  ])
  assert.deepEqual(ignored('request_header_max_size=64\n'), [
    'config.ini:12  request_header_max_size has no effect: it counts with virtualdomain_based_routing  (INI_IGNORED_KEY)',
  ])
  assert.deepEqual(ignored('ssl_certificate=conf/c.pem\n'), [
    'config.ini:12  ssl_certificate has no effect: it counts with ssl_certificate_key  (INI_IGNORED_KEY)',
  ])
  assert.deepEqual(ignored('ssl_certificate=conf/c.pem\nssl_certificate_key=/k.pem\n'), [
    'config.ini:12  ssl_certificate has no effect: it counts with virtualdomain_based_routing  (INI_IGNORED_KEY)',
    'config.ini:13  ssl_certificate_key has no effect: it counts with virtualdomain_based_routing  (INI_IGNORED_KEY)',
  ])
})

test('sessions are never open to every page there is', () => {
  assert.deepEqual(read('cors_origins=*\ncors_credentials=1\n').problems, [
    'config.ini:13  cors_credentials is 1 for every page there is: cors_origins has *  (INI_BAD_VALUE)\n  Name the origins, or write cors_credentials = 0.',
  ])
})

test('a fragment that would undo what a key says is refused with its line, also in a location of its own', () => {
  const text =
    'proxy_buffering off;\nlocation /blog/main/open {\n  auth_basic off; allow all;\n}\nadd_header Access-Control-Allow-Origin *;\n'
  const told = (lines: string) =>
    read(`extra_nginx_conf_filename=app.conf\n${lines}`, { 'app.conf': text, htpasswd: '' }).problems.map(
      (one) => one.split('\n')[0],
    )
  assert.deepEqual(told(''), [])
  assert.deepEqual(told('gzip=1\nauth_basic_user_file=null\n'), [])
  assert.deepEqual(told('auth_basic_user_file=htpasswd\n'), [
    '/blog/app.conf:3  the nginx fragment has "auth_basic", but auth_basic_user_file of the app decides that  (NGINX_UNSAFE_VALUE)',
  ])
  assert.deepEqual(told('allowed_networks=::1\n'), [
    '/blog/app.conf:3  the nginx fragment has "allow", but allowed_networks of the app decides that  (NGINX_UNSAFE_VALUE)',
  ])
  assert.deepEqual(told('cors_origins=*\n'), [
    '/blog/app.conf:5  the nginx fragment has "add_header", but cors_origins of the app decides that  (NGINX_UNSAFE_VALUE)',
  ])
})

test('a file of passwords never lies where visitors may read it, in whichever app', () => {
  const site = '[app_site]\ntype=static\n'
  const shown = (path: string, sections = '') =>
    read(`auth_basic_user_file=${path}\n${sections}`, { [path]: '', site: '' }).problems.map((text) => text.split('\n')[0])
  for (const path of ['htpasswd', 'conf/htpasswd', 'main/htpasswd', 'site/.htpasswd', 'site/.conf/htpasswd']) {
    assert.deepEqual(shown(path, site), [], path)
  }
  const told = (path: string, app: string) => [
    `config.ini:8  the passwords of app main, ${path}, would be among the files that app ${app} shows to visitors  (INI_BAD_VALUE)`,
  ]
  assert.deepEqual(shown('site/conf/htpasswd', site), told('site/conf/htpasswd', 'site'))
  assert.deepEqual(shown('main/static/htpasswd'), told('main/static/htpasswd', 'main'))
  assert.deepEqual(shown('main/static/htpasswd', 'static_routing=0\n'), [])
  assert.deepEqual(shown('site/htpasswd', `${site}static_extensions=css\n`), [])
})

test('no private key lies there either', () => {
  const keys = 'virtualdomain_based_routing=1\nssl_certificate=conf/c.pem\nssl_certificate_key=main/static/k.pem\n'
  assert.deepEqual(read(keys).problems, [
    'config.ini:8  the private key of app main, main/static/k.pem, would be among the files that app main shows to visitors  (INI_BAD_VALUE)\n  Put the file into a directory of its own, such as conf/key.pem.',
  ])
})

test('the keys have the same names in the later dialect', () => {
  const later =
    '[general]\n_version=1\n_summary=s\n_license=l\n_url=u\n_maintainer=m\n_vendor=v\n[app_main]\n_cmd_and_args=x {port}\nnumprocesses=1\n'
  assert.deepEqual(read('rate_limit=1/s\ngzip=1\n', {}, later), {
    rules: { rate: { requests: 1, per: 'second', burst: 1 }, gzip: true },
    problems: [],
  })
})
