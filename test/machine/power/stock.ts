import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CACHE } from '../image.ts'
import { inside, openWorkshop, type Say } from '../parcel.ts'

/**
 * What the machine is brought on its second disk, as a tar: the package and a newer one, Debian's packages, and the releases of three
 * plugins. The same package gets the same tar.
 */
export function makeStock(deb: string, say: Say): string {
  const tar = join(CACHE, 'power.tar')
  const made = `${tar}.of`
  const of = createHash('sha256')
    .update(readFileSync(deb))
    .update(readFileSync(join(import.meta.dirname, 'stock.ts')))
    .digest('hex')
  if (existsSync(tar) && existsSync(made) && readFileSync(made, 'utf8') === of) return tar
  rmSync(made, { force: true })
  const workshop = openWorkshop('trixie', deb, say)
  say('Making the releases')
  inside(workshop, releasesScript())
  const stage = join(CACHE, 'power-stock')
  rmSync(stage, { recursive: true, force: true })
  mkdirSync(join(stage, 'plugins'), { recursive: true })
  for (const file of globSync('srv/power/*/*/*.plugin', { cwd: workshop })) {
    cpSync(join(workshop, file), join(stage, 'plugins', file.split('/').at(-1) ?? ''))
  }
  cpSync(join(workshop, 'srv/debs'), join(stage, 'debs'), { recursive: true })
  cpSync(deb, join(stage, 'mfserv.deb'))
  makeNewer(deb, join(stage, 'newer.deb'))
  writeFileSync(join(stage, 'lines'), LINES)
  chmodSync(join(stage, 'lines'), 0o755)
  execFileSync('tar', ['-cf', tar, '-C', stage, '.'])
  rmSync(stage, { recursive: true })
  writeFileSync(made, of)
  return tar
}

/** Numbered lines of a log. */
const LINES = '#!/bin/sh\nseq --format="line %g of power." "$1" "$2"\n'

/** Every page of a plugin says its version, from as many files as it has: what is mixed shows. */
function releasesScript(): string {
  const plugins = [
    ['site', '1'],
    ['site', '2'],
    ['site', '3'],
    ['spare', '1'],
    ['extra', '1'],
  ] as const
  const scripts = plugins.map(([plugin, version]) => {
    const more = plugin === 'site' ? `printf '* * * * * sh bin/tick\\n' >crontab` : ':'
    return `mkdir -p /srv/power/${version} && cd /srv/power/${version}
bootstrap_plugin.py create --template=default ${plugin} >/dev/null && cd ${plugin}
sed -i 's/^version=.*/version=${version}/; s/^workers=.*/workers=1/' config.ini
printf '\\n[app_files]\\ntype=static\\n' >>config.ini
mkdir -p files bin && echo ${version} >files/index.html && echo ${version} >version.txt
echo 'PART = "${version}"' >main/part.py
cat >main/wsgi.py <<'END'
import os

from main.part import PART

with open(os.path.join(os.path.dirname(__file__), "..", "version.txt")) as file:
    TEXT = file.read().strip()


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"${version} {PART} {TEXT}".encode()]
END
cat >bin/tick <<'END'
date +%s.%N >>"$MFSERV_CURRENT_PLUGIN_DATA_DIR/ticks"
sync "$MFSERV_CURRENT_PLUGIN_DATA_DIR/ticks"
sleep 3
END
${more}
make release >/dev/null`
  })
  return `rm -rf /srv/power\n${scripts.join('\n')}`
}

/** The same mfserv as another version, which each file of its code says; not packed, because that takes an emulated machine long. */
export function makeNewer(deb: string, to: string): void {
  const stage = `${to}.files`
  execFileSync('dpkg-deb', ['--raw-extract', deb, stage])
  const edit = (file: string, change: (text: string) => string): void =>
    writeFileSync(join(stage, file), change(readFileSync(join(stage, file), 'utf8')))
  edit('DEBIAN/control', (text) => text.replace(/^(Version: .*)$/m, '$1.newer'))
  edit('usr/lib/mfserv/package.json', (text) => text.replace(/"version": "([^"]*)"/, '"version": "$1-newer"'))
  for (const file of globSync('usr/lib/mfserv/dist/**/*.cjs', { cwd: stage })) edit(file, (text) => `${text}\n// newer\n`)
  execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '--build', stage, to], { stdio: 'ignore' })
  rmSync(stage, { recursive: true })
}
