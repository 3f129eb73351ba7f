import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { certificates, guestEnvironment, hosts, mirror, npmConfig } from './host-settings.ts'

export const SUITES = ['bookworm', 'trixie'] as const
export type Suite = (typeof SUITES)[number]

/** What a machine starts from: the disk is only read, each machine writes into a layer of its own. */
export interface Image {
  readonly suite: Suite
  readonly disk: string
  readonly kernel: string
  readonly initrd: string
  /** What Debian gave this time: its own release, the kernel, Node, Python. */
  readonly versions: readonly string[]
}

export const CLONE = resolve(import.meta.dirname, '../..')
export const CACHE = join(CLONE, '.cache/machine')

/** A minimal Debian that boots: init, kernel, network, and a login as a person has it. No tool of ours depends on more. */
const MINIMAL = [
  'systemd-sysv',
  'linux-image-cloud-amd64',
  'initramfs-tools',
  'udev',
  'dbus',
  'dbus-user-session',
  'libpam-systemd',
]
const DISK = '8G'
const HERE = import.meta.dirname

/** What a machine has besides Debian itself: of a developer the packages of the README; of a server, before anything is brought, none. */
export type Kind = 'developer' | 'server'

/** Builds the image of a suite from Debian's packages, or takes the one that was built by the same recipe. Needs root. */
export function ensureImage(suite: Suite, kind: Kind, say: (text: string) => void): Image {
  const packages = [...MINIMAL, ...(kind === 'developer' ? packagesOfReadme() : [])]
  const directory = join(CACHE, `${suite}-${recipe(packages)}`)
  if (!existsSync(directory)) build(suite, packages, directory, say)
  const at = (name: string): string => join(directory, name)
  const versions = readFileSync(at('versions'), 'utf8').trim().split('\n')
  return { suite, disk: at('disk.img'), kernel: at('vmlinuz'), initrd: at('initrd.img'), versions }
}

/** The one line of the README that a new user types as root; its packages are all that the machine has besides Debian itself. */
export function packagesOfReadme(): readonly string[] {
  const [, words] = /^(?:sudo )?apt install ([a-z0-9 .+-]+)$/m.exec(readFileSync(join(CLONE, 'README.md'), 'utf8')) ?? []
  if (words === undefined) throw new Error('README.md has no line that begins with "apt install"')
  return words.trim().split(/ +/)
}

function recipe(packages: readonly string[]): string {
  const hash = createHash('sha256').update(packages.join(' '))
  for (const name of ['image.ts', 'host-settings.ts', 'agent.sh']) hash.update(readFileSync(join(HERE, name)))
  return hash.digest('hex').slice(0, 12)
}

function build(suite: Suite, packages: readonly string[], directory: string, say: (text: string) => void): void {
  say(`Building the image of Debian ${suite}: ${packages.join(', ')}`)
  mkdirSync(CACHE, { recursive: true })
  const stage = mkdtempSync(join(CACHE, '.new-'))
  try {
    const root = join(stage, 'root')
    const from = `deb ${mirror()} ${suite} main`
    // Who typed the line of the README has the lists of packages, because apt needed them for it.
    // What it mounts below the directory goes when it ends, however it ends.
    run('unshare', [
      '--mount',
      'mmdebstrap',
      '--quiet',
      '--variant=minbase',
      '--skip=cleanup/apt/lists',
      `--include=${packages.join(',')}`,
      suite,
      root,
      from,
    ])
    furnish(root)
    for (const [name, prefix] of [
      ['vmlinuz', 'vmlinuz-'],
      ['initrd.img', 'initrd.img-'],
    ] as const) {
      renameSync(join(root, 'boot', newest(join(root, 'boot'), prefix)), join(stage, name))
    }
    writeFileSync(join(stage, 'versions'), versionsIn(root).join('\n'))
    run('mke2fs', ['-q', '-t', 'ext4', '-d', root, join(stage, 'disk.img'), DISK])
    rmSync(root, { recursive: true })
    renameSync(stage, directory)
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

/** The agent that takes commands, the network, an ordinary user, and what this machine needs to reach the registries. */
function furnish(root: string): void {
  const write = (name: string, text: string, mode = 0o644): void => {
    mkdirSync(join(root, name, '..'), { recursive: true })
    writeFileSync(join(root, name), text, { mode })
  }
  write('etc/hostname', 'machine\n')
  write('etc/fstab', '/dev/vda / ext4 defaults 0 1\n')
  write('etc/hosts', hosts())
  write('etc/systemd/network/10-all.network', '[Match]\nName=e*\n[Network]\nAddress=10.0.2.15/24\nGateway=10.0.2.2\n')
  rmSync(join(root, 'etc/resolv.conf'), { force: true })
  write('etc/resolv.conf', 'nameserver 10.0.2.3\n')
  write('usr/local/sbin/machine-agent', readFileSync(join(HERE, 'agent.sh'), 'utf8'), 0o755)
  write('etc/systemd/system/machine-agent.service', AGENT_SERVICE)
  const wants = join(root, 'etc/systemd/system/multi-user.target.wants')
  mkdirSync(wants, { recursive: true })
  run('systemctl', ['--root', root, '--quiet', 'enable', 'machine-agent.service', 'systemd-networkd.service'])
  run('chroot', [root, 'useradd', '--create-home', '--shell', '/bin/bash', 'user'])
  const exports = Object.entries(guestEnvironment()).map(([name, value]) => `export ${name}=${value}\n`)
  write('etc/profile.d/machine.sh', exports.join(''))
  for (const [file, text] of certificates()) write(file, text)
  const npm = npmConfig()
  if (npm !== undefined) write('etc/npmrc', npm)
}

const AGENT_SERVICE = `[Unit]
Description=Runs what the test on the host asks for
After=multi-user.target systemd-user-sessions.service
[Service]
ExecStart=/usr/local/sbin/machine-agent
KillMode=process
Restart=always
[Install]
WantedBy=multi-user.target
`

function versionsIn(root: string): readonly string[] {
  const ask = (program: string): readonly string[] =>
    existsSync(join(root, 'usr/bin', program))
      ? [execFileSync('chroot', [root, program, '--version'], { encoding: 'utf8' }).trim()]
      : []
  return [
    `Debian ${readFileSync(join(root, 'etc/debian_version'), 'utf8').trim()}`,
    `Linux ${newest(join(root, 'lib/modules'), '')}`,
    ...ask('node').map((version) => `Node ${version.slice(1)} (to run npm)`),
    ...ask('python3'),
  ]
}

function newest(directory: string, prefix: string): string {
  const found = readdirSync(directory).filter((name) => name.startsWith(prefix))
  const last = found.toSorted((a, b) => statSync(join(directory, a)).mtimeMs - statSync(join(directory, b)).mtimeMs).at(-1)
  if (last === undefined) throw new Error(`${directory} has nothing that begins with ${prefix}`)
  return last
}

function run(program: string, words: readonly string[]): void {
  execFileSync(program, words, { stdio: ['ignore', 'inherit', 'inherit'] })
}
