import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MASK, shown, shownUrl } from './secrets.ts'

const SECRET = [
  ...['password', 'PASSWORD', 'db_password', 'dbPassword', 'dbpassword', 'PGPASSWORD', 'password2', 'passwords', 'passwd'],
  ...['pass', 'db_pass', 'smtpPass', 'userpass', 'pwd', 'db_pwd', 'DB-PWD', 'passphrase', 'passcode', 'pin', 'debug_pin'],
  ...['secret', 'secrets', 'client_secret', 'clientSecret', 'clientsecret', 'SECRET_KEY_BASE', 'secret_value'],
  ...['token', 'access_token', 'accessToken', 'authtoken', 'tokens', 'csrf_token', 'token_url', 'bearer', 'bearer_value'],
  ...['key', 'api_key', 'apikey', 'APIKey', 'x-api-key', 'keys', 'private_key', 'privatekey', 'aws_secret_access_key', 'key_id'],
  ...['salt', 'password_salt', 'pepper', 'signing', 'cookie_signing', 'signature', 'hmac', 'jwt', 'sentry_dsn', 'DSN'],
  ...['credential', 'credentials', 'db_creds', 'authorization', 'cookie', 'session_cookie', 'auth', 'basic_auth', 'private'],
  ...['connection_string', 'ConnectionString', 'conn_str', 'webhook', 'slack_webhook_url'],
]
const INNOCENT = [
  ...['compass', 'bypass', 'passenger', 'passive', 'passage', 'pass_through', 'proxy_pass', 'basalt', 'saltire', 'salted'],
  ...['monkey', 'keyboard', 'keyframe', 'hockey', 'turkey', 'public_key', 'primary_key', 'cache_key', 'sort_key'],
  ...['tokenizer', 'tokenize', 'secretary', 'bearing', 'designing', 'assigning', 'cookbook', 'spin', 'pinned', 'opinion'],
  ...['author', 'authority', 'authors', 'auth_type', 'password_file', 'token_ttl', 'secret_path', 'password_min_length'],
  ...['cookie_domain', 'session_cookie_samesite', 'key_file', 'upwd', 'private_dir', 'signal', 'design', 'dsnx', 'credits'],
  ...['name', 'timeout', 'url', ''],
]

test('the value of a key that sounds like a secret is masked', () => {
  assert.deepEqual(
    SECRET.filter((key) => shown(key, 'hunter2') !== MASK),
    [],
  )
})

test('a key that only looks like one keeps its value', () => {
  assert.deepEqual(
    INNOCENT.filter((key) => shown(key, 'hunter2') !== 'hunter2'),
    [],
  )
})

test('a secret that is not set is shown as it is, so that one sees that it is missing', () => {
  assert.deepEqual([shown('password', ''), shown('password', 'null'), shown('password', '0')], ['', 'null', MASK])
})

test('a URL in a log has no secret in its query, only what can be printed, and at most 500 characters', () => {
  const cases: Readonly<Record<string, string>> = {
    '/a': '/a',
    '/a?': '/a?',
    '/a?page=2&token=hunter2;key=x?y&z': '/a?page=2&token=***;key=***&z',
    '/password=hunter2?a=1': '/password=hunter2?a=1',
    '/a b\n?x=\u0007!~\u007f\u00e9': '/a%20b%0a?x=%07!~%7f%e9',
    [`/${'a'.repeat(499)}`]: `/${'a'.repeat(499)}`,
    [`/${'a'.repeat(500)}`]: `/${'a'.repeat(499)}…`,
  }
  for (const [url, expected] of Object.entries(cases)) assert.equal(shownUrl(url), expected)
})

/** By what was written: what is shown. */
const INSIDE: Readonly<Record<string, string>> = {
  'postgres://app:hunter2@db/shop': 'postgres://app:***@db/shop',
  'postgres://app:hunt@er2@db/shop': 'postgres://app:***@db/shop',
  'redis://:hunter2@localhost:6379/0': 'redis://:***@localhost:6379/0',
  'https://ghp_0123456789abcdefghij@example.org/a.git': 'https://***@example.org/a.git',
  'https://example.org/?password=hunter2&page=2': 'https://example.org/?password=***&page=2',
  'https://example.org/?page=2&access_token=hunter2#top': 'https://example.org/?page=2&access_token=***#top',
  'https://example.org/#id_token=hunter2': 'https://example.org/#id_token=***',
  'https://example.org/blob?sv=1&sig=abc%3D&se=2': 'https://example.org/blob?sv=1&sig=***&se=2',
  'https://example.org/?X-Amz-Signature=abc&X-Amz-Date=1': 'https://example.org/?X-Amz-Signature=***&X-Amz-Date=1',
  'host=db user=app password=hunter2 dbname=shop': 'host=db user=app password=*** dbname=shop',
  "host=db password='hunter 2' dbname=shop": 'host=db password=*** dbname=shop',
  'Server=db;User Id=app;Password=hunter2;Timeout=3': 'Server=db;User Id=app;Password=***;Timeout=3',
  '0 3 * * * PGPASSWORD=hunter2 pg_dump shop': '0 3 * * * PGPASSWORD=*** pg_dump shop',
  'sync --token hunter2 --to out': 'sync --token *** --to out',
  'sync --api-key=hunter2 --to out': 'sync --api-key=*** --to out',
  'curl -u app:hunter2 http://localhost': 'curl -u app:*** http://localhost',
  'curl --user=app:hunter2 http://localhost': 'curl --user=app:*** http://localhost',
  "curl -H 'Authorization: Bearer abc.def' http://localhost": "curl -H 'Authorization: ***' http://localhost",
  "curl -H 'Authorization: Basic YXBwOmh1bnRlcjI=' http://localhost": "curl -H 'Authorization: ***' http://localhost",
  "curl -H 'X-Api-Key: hunter2' http://localhost": "curl -H 'X-Api-Key: ***' http://localhost",
  "curl -H 'Cookie: a=1; session=hunter2' http://localhost": "curl -H 'Cookie: ***' http://localhost",
  'Bearer eyJhbGciOiJIUzI1NiJ9.e30.x': 'Bearer ***',
  '{"password": "hunter2", "page": 2}': '{"password": ***, "page": 2}',
  '-----BEGIN RSA PRIVATE KEY-----\nMIIE': '***',
}

test('a secret inside of any value is masked, and nothing else of it', () => {
  for (const [written, expected] of Object.entries(INSIDE)) assert.equal(shown('any', written), expected)
})

test('a value with no secret in it is shown as it is', () => {
  for (const text of [
    'ssh://git@example.org/a.git',
    'http://localhost:8080/@scope/name',
    'https://example.org/?compass=north&basalt=grey&page=2',
    'mailto:a@example.org',
    'sh -c "exec sleep 1000"',
    'node server.js --keyboard de --passive',
    'rsync -u a /tmp',
    'a bearer of news',
    '12:30',
    'null',
    '',
  ]) {
    assert.equal(shown('any', text), text)
  }
})

test('a long value is masked in no time', () => {
  const started = performance.now()
  for (const long of ['a'.repeat(200_000), '://'.repeat(60_000), 'a='.repeat(80_000), '- '.repeat(90_000), 'x:'.repeat(90_000)]) {
    shown('any', long)
  }
  assert.ok(performance.now() - started < 5000)
})
