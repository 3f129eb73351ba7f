import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { edit } from '../world.ts'

/** Versions that must not come into force: why, what makes them so, and what is said. */
export const BAD: readonly (readonly [why: string, change: (home: string) => void, says: RegExp])[] = [
  ['crashes at its start', (home) => edit(wsgi(home), 'def ', 'raise SystemExit("no disk here")\ndef '), /no disk here/],
  ['answers 500', (home) => edit(wsgi(home), '    return', '    raise RuntimeError("boom")\n    return'), /answered with 500/],
  [
    'has a postinstall that fails',
    (home) => writeFileSync(join(home, 'postinstall'), '#!/bin/sh\necho no table here >&2\nexit 3\n', { mode: 0o755 }),
    /no table here/,
  ],
  [
    'has a daemon that ends at once',
    (home) =>
      appendFileSync(join(home, 'config.ini'), '\n[extra_daemon_feed]\ncmd_and_args = sh -c "echo no feed here; exit 4"\n'),
    /daemon feed failed: it exited with code 4[\s\S]*no feed here/,
  ],
]

export function says(text: string): (home: string) => void {
  return (home) => edit(wsgi(home), 'Hello World!', text)
}

export function wsgi(home: string): string {
  return join(home, 'main/wsgi.py')
}
