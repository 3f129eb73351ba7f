import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apart, type Made } from './apart.ts'

function movedIn(text: string): { readonly text: string; readonly made: readonly Made[]; readonly included: readonly string[] } {
  const made: Made[] = []
  const included: string[] = []
  const instead = (one: Made): string => `/apart/${made.push(one)}`
  return { text: apart(text, { instead, included: (pattern) => `/apart/i${included.push(pattern)}` }), made, included }
}

test('whatever nginx would make is made elsewhere, in any block, quoted or not, and lines keep their numbers', () => {
  const text = `access_log /var/log/a.log combined;
# access_log /var/log/no.log;
location /x {
  "error_log"  '/var/log/b "c".log' warn; client_body_temp_path
    /etc 1 2;
}
proxy_cache_path /srv/cache keys_zone=a:1m;
server { listen unix:/run/a.sock default_server; listen 8080; include sites/*.conf; }
`
  const { text: moved, made, included } = movedIn(text)
  assert.equal(
    moved,
    `access_log "/apart/1" combined;
# access_log /var/log/no.log;
location /x {
  "error_log"  "/apart/2" warn; client_body_temp_path
    "/apart/3" 1 2;
}
proxy_cache_path "/apart/4" keys_zone=a:1m;
server { listen "unix:/apart/5" default_server; listen 8080; include "/apart/i1"; }
`,
  )
  assert.deepEqual(
    made.map(({ is, path, line }) => `${line} ${is} ${path}`),
    ['1 file /var/log/a.log', '4 file /var/log/b "c".log', '5 directory /etc', '7 directory /srv/cache', '8 socket /run/a.sock'],
  )
  assert.deepEqual(included, ['sites/*.conf'])
})

test('what makes no file stays as it is', () => {
  for (const text of [
    'access_log off;',
    'error_log stderr;',
    'access_log syslog:server=::1;',
    'access_log /log/$host.log;',
    'root /srv;',
    'pid;',
    ';',
    'include { a b; }',
    'include x { a b; }',
    '',
  ]) {
    assert.equal(movedIn(text).text, text)
  }
})

test('every file, directory and socket that nginx makes is known, and its line counted from the first', () => {
  const files = ['pid', 'lock_file', 'state', 'ssl_key_log', 'proxy_ssl_key_log', 'grpc_ssl_key_log', 'uwsgi_ssl_key_log']
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path`)
  const caches = ['proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_cache_path`)
  const all = [...files, ...temporary, ...caches]
  const { made } = movedIn(all.map((name) => `\n${name} /x;`).join(''))
  assert.deepEqual(
    made,
    all.map((_name, index) => ({ is: index < files.length ? 'file' : 'directory', path: '/x', line: index + 2 })),
  )
})
