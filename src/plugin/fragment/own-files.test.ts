import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownFilesIn, withOwnFiles } from './own-files.ts'

const PLACES = { home: '/releases/blog/2', servedFrom: '/plugins/blog' }

test('a file that a fragment names by a relative path is one of the plugin: of its release, or of the present one at each request', () => {
  const text = `include conf/*.conf;
# include conf/no.conf;
location /x {
  auth_basic "Who?"; auth_basic_user_file
    "conf/$host passwords";
  ssl_client_certificate 'a "b".pem'; alias files/;
}
access_by_lua_file lua/who.lua;
map $a $b { include maps/list; }
`
  assert.equal(
    withOwnFiles(text, PLACES),
    `include "/releases/blog/2/conf/*.conf";
# include conf/no.conf;
location /x {
  auth_basic "Who?"; auth_basic_user_file
    "/plugins/blog/conf/$host passwords";
  ssl_client_certificate "/releases/blog/2/a \\"b\\".pem"; alias "/plugins/blog/files/";
}
access_by_lua_file "/releases/blog/2/lua/who.lua";
map $a $b { include "/releases/blog/2/maps/list"; }
`,
  )
  assert.deepEqual(
    ownFilesIn(text).map(({ directive, path, isNeeded, line }) => [line, directive, path, isNeeded]),
    [
      [1, 'include', 'conf/*.conf', false],
      [5, 'auth_basic_user_file', 'conf/$host passwords', false],
      [6, 'ssl_client_certificate', 'a "b".pem', true],
      [6, 'alias', 'files/', false],
      [8, 'access_by_lua_file', 'lua/who.lua', true],
      [9, 'include', 'maps/list', true],
    ],
  )
})

test('what is no file of the plugin stays as it is', () => {
  for (const text of [
    'include /etc/nginx/mime.types;',
    'auth_basic_user_file $file;',
    'root "";',
    'proxy_ssl_certificate_key engine:a:b;',
    'ssl_certificate data:$c;',
    'access_log logs/a.log;',
    'proxy_pass http://include;',
    'include;',
    'include a { b c; }',
    '',
  ]) {
    assert.equal(withOwnFiles(text, PLACES), text)
  }
})

test('a directory with a quote in its name is written so that nginx reads it', () => {
  assert.equal(withOwnFiles('include a;', { home: '/my "own"\\', servedFrom: '/' }), 'include "/my \\"own\\"\\\\/a";')
})
