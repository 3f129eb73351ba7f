import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { writeFiles } from '../../../test/support/write-files.ts'
import { readSources } from '../../host/plugins/read-plugin.ts'
import { type NeededFiles, neededFiles } from './needed-files.ts'

const root = mkdtempSync(join(tmpdir(), 'mfneeded'))
after(() => rmSync(root, { recursive: true, force: true }))

const GENERAL = '[general]\nversion=1.0\nsummary=x\nlicense=x\nurl=http://x\nmaintainer=x\nvendor=x\n'
const LOCK = JSON.stringify({
  packages: { 'node_modules/vite': { dev: true, bin: { vite: 'bin/vite.js' } }, 'node_modules/typescript': { dev: true } },
})
const DEVELOPMENT = ['node_modules/vite/', 'node_modules/typescript/']

test('what config.ini and the crontab name is needed: files, modules, directories, words of command lines', () => {
  const { named, served } = needed('all', {
    'config.ini': `${GENERAL}extra_nginx_http_conf_filename=nginx/http.conf
[app_main]
type=python3_sync
main_arg=src.wsgi:application
workers=1
[app_site]
type=static
[app_data]
type=command
main_arg=datasette data.db --metadata=meta/data.json --uds {unix_socket_path}
workers=1
[extra_daemon_tick]
cmd_and_args={plugin_dir}/tools/tick.sh --db=visits.db -m jobs.clean
numprocesses=1
`,
    crontab: '0 0 * * * sh ./tidy.sh; sqlite3 visits.db vacuum; report >out.log\n',
    'nginx/http.conf': 'gzip on;',
    ...of(['src/wsgi.py', 'main/static/a.css', 'site/index.html', 'data.db', 'meta/data.json', 'data/x']),
    ...of(['tools/tick.sh', 'visits.db', 'jobs/clean.py', 'tidy.sh', 'bin/report', 'out.log', 'other.txt']),
  })
  const all = ['nginx/http.conf', 'src/wsgi.py', 'main/', 'site/', 'data.db', 'meta/data.json', 'tools/tick.sh'].concat([
    'jobs/clean.py',
    'tidy.sh',
    'bin/report',
    'crontab',
  ])
  for (const path of all) assert.ok(named.includes(path), `${path} in ${named}`)
  for (const path of ['visits.db', 'out.log', 'other.txt']) assert.ok(!named.includes(path), path)
  assert.deepEqual(served.toSorted(), ['main/static/', 'site/'])
})

test('a link that is named leads to what is needed as well', () => {
  const home = plugin('linked', { 'config.ini': app('../current/server.js'), 'versions/1/server.js': 'x' })
  symlinkSync('versions/1', join(home, 'current'))
  const { named } = read(home)
  assert.ok(named.includes('current/server.js') && named.includes('versions/1/server.js'), String(named))
})

test('where a postinstall makes files, the directories of apps are not needed: what is left out of them may be its', () => {
  const files = { 'config.ini': `${GENERAL}[app_site]\ntype=static\n`, 'site/index.html': 'x', postinstall: '#!/bin/sh\n' }
  assert.ok(needed('directories', files).named.includes('site/'))
  const home = plugin('postinstalled', files)
  chmodSync(join(home, 'postinstall'), 0o755)
  assert.ok(!read(home).named.includes('site/'))
})

test('options of Node name files too', () => {
  const files = { 'config.ini': `${app('server.js')}node_extra_opts=--env-file=.env\n`, 'web/server.js': 'x', '.env': 'x' }
  assert.ok(needed('options', files).named.includes('.env'))
})

test('development packages are not needed, unless a command or a script that it calls runs one', () => {
  const command = (line: string): string => `${GENERAL}[app_web]\ntype=command\nmain_arg=${line} {unix_socket_path}\nworkers=1\n`
  const cases = [
    { config: app('server.js'), scripts: { start: 'vite' }, expect: DEVELOPMENT },
    { config: command('npx vite preview'), scripts: {}, expect: [] },
    { config: command('node_modules/.bin/vite preview'), scripts: {}, expect: [] },
    { config: command('npm run serve'), scripts: { serve: 'vite preview' }, expect: [] },
    { config: command('npm run serve'), scripts: { serve: 'node server.js', build: 'vite build' }, expect: DEVELOPMENT },
    { config: app('../node_modules/vite/bin/vite.js'), scripts: {}, expect: [] },
  ]
  for (const [index, { config, scripts, expect }] of cases.entries()) {
    const packageJson = JSON.stringify({ scripts, devDependencies: { vite: '^6' } })
    const modules = { 'package.json': packageJson, 'package-lock.json': LOCK, 'node_modules/vite/bin/vite.js': 'x' }
    const { development } = needed(`development-${index}`, { 'config.ini': config, 'web/server.js': 'x', ...modules })
    assert.deepEqual(development, expect, config)
  }
})

function app(entry: string): string {
  return `${GENERAL}[app_web]\ntype=node\nmain_arg=${entry}\nworkers=1\n`
}

function of(paths: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(paths.map((path) => [path, 'x']))
}

function needed(name: string, files: Readonly<Record<string, string>>): NeededFiles {
  return read(plugin(name, files))
}

function read(home: string): NeededFiles {
  const { plugin: found, problems } = readSources(home, {})
  if (found === undefined) throw new Error(problems.map(({ message }) => message).join('\n'))
  return neededFiles(found, {})
}

function plugin(name: string, files: Readonly<Record<string, string>>): string {
  return writeFiles(join(root, name), { '.layerapi2_label': 'plugin_needed@mfserv\n', ...files })
}
