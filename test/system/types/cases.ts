import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findPython2 } from '../../../src/host/programs/python2.ts'
import type { AppType } from '../../../src/runtime/app-type.ts'
import { CLONE } from '../world.ts'

/** One row of the test of every type. */
export interface TypeCase {
  readonly type: AppType
  readonly template: string
  /** Why this machine cannot run it. */
  readonly skip?: string | false
  /** What it answers as it is made: at which URLs below that of the plugin, and what to a POST. `NAME` is that of the plugin. */
  readonly hello: { readonly at: readonly string[]; readonly body: string; readonly post: number }
  /** The file the application is in, and the one of this directory it is replaced by. */
  readonly file: string
  readonly edited: string
  /** The URL at which the replaced one is asked for a thing. */
  readonly at: (wanted: string) => string
  /** What an application does, and files do not. */
  readonly runs: Runs | undefined
  /** What `make` warns about. */
  readonly warns?: RegExp
}

export interface Runs {
  readonly websocket: boolean
  /** What stands in the log after a request that took too long, and after an exception. */
  readonly slow: RegExp | undefined
  readonly exception: RegExp
}

const ANYWHERE = ['', '/main', '/main/x/y', '/any thing?q=1']
const SLOW = /GET \/\S+\/slow took more than 2 s/
const TRACEBACK = /Traceback[\s\S]*LookupError: the sky is missing/

const path = (wanted: string): string => `/${wanted}`
const query = (wanted: string): string => `/?${wanted}`

const python2 = await findPython2('')
const noPython2 = python2 === undefined ? 'no Python 2.7 on this machine (pyenv install 2.7.18 brings one)' : false

const WSGI = {
  template: 'default',
  hello: { at: ANYWHERE, body: 'Hello World!', post: 200 },
  file: 'main/wsgi.py',
  edited: 'wsgi.py',
  at: path,
  runs: { websocket: false, slow: SLOW, exception: TRACEBACK },
} as const
const AIOHTTP = {
  template: 'default',
  hello: { at: ANYWHERE, body: 'Hello World', post: 405 },
  file: 'main/application.py',
  edited: 'aiohttp.py',
  at: path,
  runs: { websocket: true, slow: SLOW, exception: TRACEBACK },
} as const
/** A program in JavaScript, which keeps the time it is told if it is told one. */
const SERVER_JS = {
  edited: 'server.js',
  at: path,
  runs: { websocket: true, slow: undefined, exception: /at Server\.<anonymous>/ },
}

export const CASES: readonly TypeCase[] = [
  { type: 'python3_sync', ...WSGI },
  { type: 'python2_sync', skip: noPython2, ...WSGI },
  { type: 'aiohttp', ...AIOHTTP },
  { type: 'gunicorn3_sync', ...WSGI, warns: deprecated('gunicorn3_sync', 'python3_sync') },
  { type: 'gunicorn2_sync', skip: noPython2, ...WSGI, warns: deprecated('gunicorn2_sync', 'python2_sync') },
  { type: 'gunicorn3_asyncio', ...AIOHTTP, warns: deprecated('gunicorn3_asyncio', 'aiohttp') },
  {
    type: 'node',
    template: 'node',
    hello: { at: ['', '/'], body: 'Hello World NAME!', post: 404 },
    file: 'NAME/server.js',
    ...SERVER_JS,
  },
  {
    type: 'python3_asgi',
    template: 'python3_raw_asgi',
    hello: { at: ANYWHERE, body: 'Hello, world!', post: 200 },
    file: 'main/application.py',
    edited: 'asgi.py',
    at: path,
    runs: AIOHTTP.runs,
  },
  {
    type: 'python3_tornado',
    template: 'python3_tornado',
    hello: { at: ANYWHERE, body: 'Hello, world', post: 405 },
    file: 'main/application.py',
    edited: 'tornado.py',
    at: path,
    runs: AIOHTTP.runs,
  },
  {
    type: 'command',
    template: 'command',
    hello: { at: ANYWHERE, body: 'Hello World!', post: 501 },
    file: 'bin/serve',
    ...SERVER_JS,
  },
  {
    type: 'php',
    template: 'php',
    hello: { at: ['', '/', '/main', '/main/', '/index.php', '/main/index.php'], body: 'Hello world !\n', post: 200 },
    file: 'main/index.php',
    edited: 'index.php',
    at: query,
    runs: { websocket: false, slow: undefined, exception: /the sky is missing in .*index\.php:\d+/ },
  },
  {
    type: 'static',
    template: 'static',
    hello: { at: ['/', '/index.html', '/main/'], body: templateText('static/index.html'), post: 405 },
    file: 'main/index.html',
    edited: 'index.html',
    at: () => '/',
    runs: undefined,
  },
]

/** Deprecated, and made of the servers of other types, for which all is shown: these are made, answer and end. `make soak` has all. */
const MADE_OF_OTHERS: readonly AppType[] = ['gunicorn2_sync', 'gunicorn3_asyncio']
export const FURTHER = CASES.map(({ type }) => type).filter((type) => !MADE_OF_OTHERS.includes(type))
/** Those whose HTTP server no other type has: `command` is tried with that of `node`. */
export const OF_THEIR_OWN = FURTHER.filter((type) => type !== 'command')
/** One of each kind of server: a worker that has its age is made to end as each other is. */
export const RENEWED: readonly AppType[] = ['python3_sync', 'python3_asgi', 'node', 'php']

function deprecated(type: string, instead: string): RegExp {
  return new RegExp(`config\\.ini:\\d+ {2}the type ${type} is deprecated {2}\\(INI_DEPRECATED_TYPE\\)\\n.*type = ${instead}`)
}

function templateText(file: string): string {
  return readFileSync(join(CLONE, 'templates', file), 'utf8').replaceAll('@@name@@', 'NAME')
}
