import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CACHE, type Suite } from '../image.ts'
import { inside, makePackage, openWorkshop, type Say } from '../parcel.ts'
import { packageBefore } from './package-before.ts'

/** What the machine of `service` is brought, as a tar: the package, that of the commit before, Debian's packages, and a release of one plugin. */
export function serviceStock(suite: Suite, say: Say): string {
  return stockOf('service', suite, { 'before.deb': packageBefore(say) }, say)
}

/** The same without the package of the commit before. */
export function frontStock(suite: Suite, say: Say): string {
  return stockOf('front', suite, {}, say)
}

function stockOf(name: string, suite: Suite, more: Readonly<Record<string, string>>, say: Say): string {
  const deb = makePackage(say)
  const workshop = openWorkshop(suite, deb, say)
  say(`Making the release for Debian ${suite}`)
  inside(workshop, RELEASE)
  const stage = join(CACHE, `${name}-stock`)
  rmSync(stage, { recursive: true, force: true })
  mkdirSync(stage, { recursive: true })
  for (const file of globSync('srv/service/pages/*.plugin', { cwd: workshop })) {
    cpSync(join(workshop, file), join(stage, 'pages.plugin'))
  }
  cpSync(join(workshop, 'srv/debs'), join(stage, 'debs'), { recursive: true })
  cpSync(deb, join(stage, 'mfserv.deb'))
  for (const [to, file] of Object.entries(more)) cpSync(file, join(stage, to))
  const tar = join(CACHE, `${name}-${suite}.tar`)
  execFileSync('tar', ['-cf', tar, '-C', stage, '.'])
  rmSync(stage, { recursive: true })
  return tar
}

/** A page that costs an emulated processor little, so that what is lost is not lost for want of it. */
const RELEASE = `rm -rf /srv/service && mkdir /srv/service && cd /srv/service
bootstrap_plugin.py create --template=default pages >/dev/null && cd pages
sed -i 's/^workers=.*/workers=2/' config.ini
cat >main/wsgi.py <<'END'
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]
END
make release >/dev/null`
