import { type Token, tokensOf, unquoted } from '../../plugin/nginx-fragment.ts'

/** What nginx makes when it reads a directive, also when it only tests: a log, a directory that it takes for its own, a socket. */
export interface Made {
  readonly is: 'file' | 'directory' | 'socket'
  readonly path: string
  /** From 1. */
  readonly line: number
}

export interface Elsewhere {
  /** The path to write in place of one that nginx would make. */
  readonly instead: (made: Made) => string
  /** The same for a file, or a pattern of files, that is read in. */
  readonly included: (pattern: string) => string
}

const KINDS: ReadonlyMap<string, 'log' | 'file' | 'directory' | 'listen' | 'include'> = new Map([
  ['access_log', 'log'],
  ['error_log', 'log'],
  ['pid', 'file'],
  ['lock_file', 'file'],
  ['state', 'file'],
  ['listen', 'listen'],
  ['include', 'include'],
  ...['ssl', 'proxy_ssl', 'grpc_ssl', 'uwsgi_ssl'].map((of) => [`${of}_key_log`, 'file'] as const),
  ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => [`${of}_temp_path`, 'directory'] as const),
  ...['proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => [`${of}_cache_path`, 'directory'] as const),
])
const NO_FILE = /^(?:off$|stderr$|syslog:|memory:)/
const SOCKET = /^(unix:)(.+)$/s

/** A text that means the same to nginx, and by which it makes nothing but what `instead` names. The lines keep their numbers. */
export function apart(text: string, elsewhere: Elsewhere): string {
  let written = ''
  let from = 0
  let words: Token[] = []
  for (const token of tokensOf(text)) {
    if (!/^[;{}]$/.test(token.text)) {
      words.push(token)
      continue
    }
    const [name, first] = words
    words = []
    if (token.text !== ';' || name === undefined || first === undefined) continue
    const line = text.slice(0, first.at).split('\n').length
    const word = replaced(unquoted(name.text), unquoted(first.text), line, elsewhere)
    if (word === undefined) continue
    written += text.slice(from, first.at) + quoted(word)
    from = first.at + first.text.length
  }
  return written + text.slice(from)
}

/** Undefined where the word stays. A log whose name has a variable is made by a request, not by a test. */
function replaced(name: string, word: string, line: number, { instead, included }: Elsewhere): string | undefined {
  switch (KINDS.get(name)) {
    case 'log':
      return NO_FILE.test(word) || word.includes('$') ? undefined : instead({ is: 'file', path: word, line })
    case 'file':
    case 'directory':
      return instead({ is: name.endsWith('_path') ? 'directory' : 'file', path: word, line })
    case 'listen': {
      const [, unix, path = ''] = SOCKET.exec(word) ?? []
      return unix === undefined ? undefined : `${unix}${instead({ is: 'socket', path, line })}`
    }
    case 'include':
      return included(word)
    default:
      return undefined
  }
}

function quoted(word: string): string {
  return `"${word.replaceAll(/["\\]/g, '\\$&')}"`
}
