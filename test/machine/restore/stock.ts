import { execFileSync } from 'node:child_process'
import { copyFileSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { CACHE, type Suite } from '../image.ts'
import { inside, makePackage, openWorkshop, type Say } from '../parcel.ts'

/** What both machines of `restore` are brought, as a tar: the package, Debian's packages, and the releases of three plugins. */
export function restoreStock(suite: Suite, say: Say): string {
  const workshop = openWorkshop(suite, makePackage(say), say)
  say(`Making the releases for Debian ${suite}`)
  inside(workshop, RELEASES)
  const here = join(workshop, 'srv')
  copyFileSync(join(import.meta.dirname, 'databases.py'), join(here, 'databases.py'))
  const releases = globSync('restore/*/*.plugin', { cwd: here })
  const tar = join(CACHE, `restore-${suite}.tar`)
  const flat = ['--transform', 's,^restore/.*/,plugins/,']
  execFileSync('tar', ['-cf', tar, ...flat, '-C', here, 'mfserv.deb', 'debs', 'databases.py', ...releases])
  return tar
}

/**
 * Each request writes one row, and is answered when SQLite says that it is on the disk: `counter` as Python does it by default, with a
 * journal that is rolled back; `ledger` with a write-ahead log. Each has two workers.
 */
const RELEASES = `rm -rf /srv/restore && mkdir /srv/restore && cd /srv/restore
for one in default:counter node:ledger static:site; do
  bootstrap_plugin.py create --template=\${one%:*} \${one#*:} >/dev/null
done
sed -i 's/^workers=.*/workers=2/' counter/config.ini ledger/config.ini
cat >counter/main/wsgi.py <<'END'
import os
import secrets
import sqlite3
from contextlib import closing

FILE = os.path.join(os.environ["MFSERV_CURRENT_PLUGIN_DATA_DIR"], "counter.db")
with closing(sqlite3.connect(FILE)) as database:
    database.execute("CREATE TABLE IF NOT EXISTS writes (id INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT)")


def application(environ, start_response):
    token = secrets.token_hex(8)
    with closing(sqlite3.connect(FILE)) as database, database:
        row = database.execute("INSERT INTO writes (token) VALUES (?)", [token]).lastrowid
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"counter {row} {token}".encode()]
END
cat >ledger/ledger/server.js <<'END'
const { randomBytes } = require('node:crypto')
const { join } = require('node:path')
const { DatabaseSync } = require('node:sqlite')
const express = require('express')

const database = new DatabaseSync(join(process.env.MFSERV_CURRENT_PLUGIN_DATA_DIR, 'ledger.db'), { timeout: 5000 })
database.exec('PRAGMA journal_mode = WAL')
database.exec('CREATE TABLE IF NOT EXISTS writes (id INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT)')
const insert = database.prepare('INSERT INTO writes (token) VALUES (?)')
const app = express()
app.all('/ledger', (_request, response) => {
  const token = randomBytes(8).toString('hex')
  response.type('text').send('ledger ' + insert.run(token).lastInsertRowid + ' ' + token)
})
app.listen(process.argv[2])
END
for one in counter ledger site; do make -C $one release >/dev/null; done`
