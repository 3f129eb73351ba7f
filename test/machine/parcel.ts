import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commitIn } from '../../build/package/git.ts'
import { packageVersion } from '../../build/package/version.ts'
import { certificates, guestEnvironment, hosts, mirror, npmConfig } from './host-settings.ts'
import { CACHE, CLONE, packagesOfReadme, type Suite } from './image.ts'
import { PAGES } from './steps.ts'

export type Say = (text: string) => void

/**
 * What somebody brings to a machine without a network, as a tar: the package of the last commit, the packages of Debian that it
 * depends on, and a release of each template, made where the same Debian is. The releases are made in a directory and not in a
 * virtual machine, which would take ten times as long.
 */
export function parcelFor(suite: Suite, say: Say): string {
  const deb = makePackage(say)
  const workshop = openWorkshop(suite, deb, say)
  say(`Making the releases for Debian ${suite}`)
  inside(workshop, 'rm -rf /srv/plugins && mkdir /srv/plugins')
  for (const { plugin, template } of PAGES) {
    const create = `bootstrap_plugin.py create --template=${template} ${plugin} >/dev/null`
    inside(workshop, `cd /srv/plugins && ${create} && make -C ${plugin} release >/dev/null`)
  }
  inside(workshop, 'mv /srv/plugins/*/*.plugin /srv/plugins')
  const tar = join(CACHE, `parcel-${suite}.tar`)
  const releases = globSync('plugins/*.plugin', { cwd: join(workshop, 'srv') })
  execFileSync('tar', ['-cf', tar, '-C', join(workshop, 'srv'), 'mfserv.deb', 'debs', ...releases])
  return tar
}

/** As an administrator makes it, of the last commit; once, because the same commit gives the same package. */
export function makePackage(say: Say): string {
  const { version }: { readonly version: string } = JSON.parse(readFileSync(join(CLONE, 'package.json'), 'utf8'))
  const commit = commitIn(CLONE, version)
  const out = join(CACHE, 'packages')
  const deb = join(out, `mfserv_${packageVersion(version, commit)}_amd64.deb`)
  if (existsSync(deb) && !commit.isModified) return deb
  say('Making the package')
  rmSync(out, { recursive: true, force: true })
  execFileSync('make', ['--no-print-directory', 'package', `OUT=${out}`], { cwd: CLONE, stdio: ['ignore', 'ignore', 'inherit'] })
  return deb
}

/** A directory with a Debian in which this package is installed, and all that a developer needs. */
export function openWorkshop(suite: Suite, deb: string, say: Say): string {
  const workshop = ensureWorkshop(suite, deb, say)
  renewIn(workshop, 'srv/mfserv.deb', readFileSync(deb))
  inside(workshop, 'dpkg --install /srv/mfserv.deb >/dev/null')
  return workshop
}

/** A directory with a Debian that has the network of this machine; the packages that a bare one lacks lie in it at /srv/debs. */
function ensureWorkshop(suite: Suite, deb: string, say: Say): string {
  const depends = execFileSync('dpkg-deb', ['--field', deb, 'Depends'], { encoding: 'utf8' })
  const own = readFileSync(join(import.meta.dirname, 'parcel.ts'))
  const recipe = createHash('sha256').update(depends).update(own).digest('hex').slice(0, 12)
  const workshop = join(CACHE, `workshop-${suite}-${recipe}`)
  if (existsSync(workshop)) return workshop
  say(`Building a directory of Debian ${suite}`)
  mkdirSync(CACHE, { recursive: true })
  const stage = mkdtempSync(join(CACHE, '.new-'))
  try {
    const root = join(stage, 'root')
    const words = ['--quiet', '--variant=minbase', '--skip=cleanup/apt/lists', '--include=ca-certificates']
    execFileSync('unshare', ['--mount', 'mmdebstrap', ...words, suite, root, `deb ${mirror()} ${suite} main`], {
      stdio: 'inherit',
    })
    const npm = npmConfig()
    const given = [
      ...certificates(),
      ['etc/hosts', hosts()] as const,
      ...(npm === undefined ? [] : [['etc/npmrc', npm] as const]),
    ]
    for (const [file, text] of given) renewIn(root, file, text)
    renewIn(root, 'etc/resolv.conf', readFileSync('/etc/resolv.conf'))
    renewIn(root, 'srv/mfserv.deb', readFileSync(deb))
    const install = 'apt-get -qq install -y --no-install-recommends'
    inside(root, `${install} --download-only /srv/mfserv.deb && mkdir /srv/debs && cp /var/cache/apt/archives/*.deb /srv/debs`)
    inside(root, `${install} /srv/mfserv.deb ${packagesOfReadme().join(' ')} >/dev/null`)
    renameSync(root, workshop)
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
  return workshop
}

function renewIn(root: string, file: string, content: string | Buffer): void {
  mkdirSync(join(root, file, '..'), { recursive: true })
  rmSync(join(root, file), { force: true })
  writeFileSync(join(root, file), content)
}

export function inside(root: string, script: string): void {
  const env = {
    ...guestEnvironment(),
    HOME: '/root',
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    LC_ALL: 'C.UTF-8',
    DEBIAN_FRONTEND: 'noninteractive',
  }
  const argv = ['--mount', 'chroot', root, 'sh', '-ec', `mount -t proc proc /proc\n${script}`]
  execFileSync('unshare', argv, { env, stdio: ['ignore', 'inherit', 'inherit'] })
}
