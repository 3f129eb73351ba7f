import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contentsOf, ignoreProblems, type Surroundings, type TreeKind } from './contents.ts'
import { NO_GIT } from './git-rules.ts'
import { leftOutLines, overruledLines } from './left-out.ts'

const NOTHING: Surroundings = {
  ...{ named: [], served: [], made: [], development: new Set<string>(), git: NO_GIT, of: 'sources' },
  ...{ isVirtualenv: () => false, hasPassword: () => false },
}

function takesOf(
  releaseignore: string | undefined,
  around: Partial<Surroundings> = {},
): (path: string, kind?: TreeKind) => boolean {
  const { judge } = contentsOf(releaseignore, { ...NOTHING, ...around })
  return (path, kind = 'other') => judge(path, kind) === 'in'
}

/** Whether a walk from the top would come to a file, and take it. */
function reaches(releaseignore: string | undefined, around: Partial<Surroundings> = {}): (path: string) => boolean {
  const takes = takesOf(releaseignore, around)
  return (path) => {
    const parts = path.split('/')
    const ways = parts.slice(0, -1).map((_part, index) => parts.slice(0, index + 1).join('/'))
    return ways.every((way) => takes(way, 'directory')) && takes(path)
  }
}

test('without .releaseignore a release holds the sources, and nothing that is built or belongs to the repository', () => {
  const takes = takesOf(undefined)
  const taken = [
    'config.ini',
    'main/src/x.py',
    'main/doc/x',
    'src/x.ts',
    'doc/x',
    '.layerapi2_label',
    'python3_virtualenv_sources/src/a-1-py3-none-any.whl',
  ]
  const left = ['local/bin/python', 'main/__pycache__/x', 'x.pyc', '.gitignore', 'main/.gitignore', 'Makefile', 'a.plugin']
  for (const path of taken) assert.ok(takes(path, 'other'), path)
  for (const path of left) assert.ok(!takes(path, 'other'), path)
  for (const path of ['local', '.git', '__pycache__', 'node_modules/.cache']) assert.ok(!takes(path, 'directory'), path)
})

test('.releaseignore chooses in the syntax of .gitignore, with negation', () => {
  const takes = takesOf('*.csv\n!keep.csv\n/data/\n')
  assert.ok(!takes('a.csv', 'other'))
  assert.ok(takes('keep.csv', 'other'))
  assert.ok(!takes('data', 'directory'))
  assert.ok(takes('main/data', 'directory'))
  assert.ok(takes('Makefile', 'other'))
})

test('what only a build or a release has never goes in, and what an installation needs always does', () => {
  const takes = takesOf('!local\n!*.plugin\n!.metadata.json\n*.whl\n/node_modules/.mfserv-build.json\nconfig.ini\nsrc\n*.json\n')
  const never = ['local/x', '.git/config', 'a.plugin', 'a.plugin.7-1.tmp', '.metadata.json', '.files.json', '.bom.json']
  const always = [
    'config.ini',
    'package.json',
    'package-lock.json',
    'node_modules/.mfserv-build.json',
    'python3_virtualenv_sources/src/a.whl',
  ]
  for (const path of never) assert.ok(!takes(path, 'other'), path)
  for (const path of always) assert.ok(takes(path, 'other'), path)
  assert.ok(takes('python3_virtualenv_sources/src', 'directory'))
  assert.ok(!takes('python3_virtualenv_sources/src/notes.txt', 'other'))
})

test('of a compiled Node package the result goes in, and what it was compiled with does not', () => {
  const takes = takesOf('')
  assert.ok(takes('node_modules/addon/build/Release/addon.node', 'other'))
  assert.ok(takes('node_modules/addon/Makefile', 'other'))
  for (const path of ['build/Makefile', 'build/binding.Makefile', 'build/config.gypi', 'build/addon.target.mk'])
    assert.ok(!takes(`node_modules/addon/${path}`, 'other'), path)
  assert.ok(!takes('node_modules/@scope/addon/build/Release/obj.target', 'directory'))
})

test('a pattern with so many stars that to compare it may never end is refused with its line, and the usual ones are not', () => {
  const usual = ['*.py', '**/a/**', '/**/*-*-*.*', '# * * * * * *', '!**/node_modules/**/*.node', 'a**b', '']
  assert.deepEqual(ignoreProblems(usual.join('\n'), '.releaseignore'), [])
  const refused = ignoreProblems(`*.py\n${'*a'.repeat(30)}b\n`, '.releaseignore')
  assert.deepEqual(
    refused.map(({ code, where }) => [code, where]),
    [['TOO_LARGE', { file: '.releaseignore', line: 2 }]],
  )
})

test('a refused pattern is said with its first sixty letters, and a plugin without .releaseignore has none', () => {
  assert.deepEqual(ignoreProblems(undefined, '.releaseignore'), [])
  const pattern = `${'*a'.repeat(5)}${'b'.repeat(50)}`
  assert.deepEqual(
    ignoreProblems(`${pattern}c`, '.releaseignore').map(({ message }) => message),
    [`the pattern "${pattern}" has more than 4 *`],
  )
})

test('the files that only a release has are left out of the sources whatever .releaseignore says', () => {
  const takes = takesOf('!.mfserv_release.json\n')
  for (const path of ['.mfserv_release.json', '.signature.json', '.metadata.json', '.files.json', '.bom.json']) {
    assert.ok(!takes(path, 'other'), path)
    assert.ok(takes(`main/${path}`, 'other'), path)
  }
})

test('a pattern for directories leaves a file of that name in', () => {
  const takes = takesOf('data/\n')
  assert.ok(!takes('data', 'directory'))
  assert.ok(takes('data', 'other'))
})

test('a link may be left out where a directory is on the way to something that goes in', () => {
  const takes = takesOf('node_modules\n')
  assert.ok(takes('node_modules', 'directory'))
  assert.ok(!takes('node_modules', 'other'))
})

const git = (texts: Readonly<Record<string, string>>, rest: Partial<Surroundings['git']> = {}) => ({
  git: { ...NO_GIT, text: (directory: string) => texts[directory], ...rest },
})

test('what config.ini names is in, whatever .releaseignore says, and the line that would drop it is told', () => {
  const ignored = '/local\n/src\n/docs\n*.conf\n*.pyc\n'
  const around = { named: ['src/server.js', 'nginx/extra.conf'] }
  const reach = reaches(ignored, around)
  for (const path of ['src/server.js', 'src/lib.js', 'nginx/extra.conf']) assert.ok(reach(path), path)
  for (const path of ['docs/x', 'nginx/other.conf', 'src/x.pyc']) assert.ok(!reach(path), path)
  assert.deepEqual(overruledLines(contentsOf(ignored, { ...NOTHING, ...around }).overruled), [
    '.releaseignore:2 would leave out src/server.js, which this plugin needs: "/src" is not used for it',
    '.releaseignore:4 would leave out nginx/extra.conf, which this plugin needs: "*.conf" is not used for it',
  ])
})

test('a .releaseignore that lists what is in gets what config.ini names beside it, and no more', () => {
  const reach = reaches('*\n!/main/\n!/main/**\n', { named: ['main/', 'web/dist/server.js', 'static/'] })
  for (const path of ['main/a/b.py', 'web/dist/server.js', 'static/css/x.css']) assert.ok(reach(path), path)
  for (const path of ['web/dist/other.js', 'web/x', 'notes.txt']) assert.ok(!reach(path), path)
})

test('secrets, data, logs and caches are left out unless a line with ! or config.ini names them', () => {
  const out = ['.env', 'main/.env', '.env.local', '.npmrc', 'data/app.sqlite3', 'a.db', 'a.db-wal', 'x.log', 'logs/x.log'].concat(
    ['.pytest_cache/x', '.venv/bin/python', 'web/.next/cache/x', '.turbo/x', 'a.tsbuildinfo', 'main/__pycache__/x.pyc'],
  )
  const inside = [
    '.env.example',
    '.env.production',
    'data/app.sql',
    'web/.next/server/x.js',
    'database.py',
    'log/readme',
    'environment',
  ]
  const reach = reaches('/local\n')
  for (const path of out) assert.ok(!reach(path), path)
  for (const path of inside) assert.ok(reach(path), path)
  const kept = reaches('/local\n!/data/app.sqlite3\n!/.env\n!.venv/\n', { named: ['a.db'] })
  for (const path of ['data/app.sqlite3', '.env', 'a.db', '.venv/bin/python']) assert.ok(kept(path), path)
  for (const path of ['data/other.sqlite3', 'main/.env', 'b.db']) assert.ok(!kept(path), path)
})

test('a virtualenv of any name is left out', () => {
  assert.ok(!takesOf('', { isVirtualenv: (path) => path === 'env/' })('env', 'directory'))
})

test('what git ignores is left out, by the rules of every .gitignore, and a line with ! keeps it', () => {
  const texts = { '': 'uploads/\n/tmp\n*.secret\n!keep.secret\n', web: '/local_settings.py\n' }
  const above = [{ inside: 'plugins/shop/', text: '/plugins/shop/private\n/plugins\n*.bak\n' }]
  const reach = reaches('/local\n', git(texts, { above }))
  for (const path of ['uploads/a.png', 'tmp/x', 'x.secret', 'web/local_settings.py', 'private/x', 'web/x.bak'])
    assert.ok(!reach(path), path)
  for (const path of ['web/x.py', 'keep.secret', 'local_settings.py', 'web/tmp/x']) assert.ok(reach(path), path)
  const kept = reaches('/local\n!/uploads/logo.png\n!*.secret\n', git(texts))
  for (const path of ['uploads/logo.png', 'x.secret']) assert.ok(kept(path), path)
  assert.ok(!kept('uploads/a.png'))
})

test('what a build makes is in although git ignores it: by its usual name, because config.ini names it, or because nginx serves it', () => {
  const texts = { '': 'dist\n/web/.next/\nbuild/*\nbundle/\ngenerated.js\nhashed/\nvendor\ngen\n' }
  const around = {
    named: ['bundle/server.js', 'main/generated.js'],
    served: ['main/static/'],
    made: ['gen/a/b.js'],
    ...git(texts),
  }
  const reach = reaches('/local\n', around)
  const inside = [
    'dist/a.js',
    'web/.next/server/a.js',
    'build/a.js',
    'bundle/server.js',
    'bundle/lib.js',
    'main/generated.js',
  ].concat(['main/static/hashed/a.css', 'vendor/autoload.php'])
  for (const path of inside) assert.ok(reach(path), path)
  for (const path of ['hashed/a.css', 'main/static/.env', 'gen/a/c.js']) assert.ok(!reach(path), path)
})

test('what git keeps although a pattern names it is in', () => {
  const reach = reaches('/local\n', git({ '': 'data/\n' }, { tracked: new Set(['data/places.json']) }))
  assert.ok(reach('data/places.json'))
  assert.ok(!reach('data/visits.json'))
})

test('what npm installed is in as it is: a pattern of a source means no package, one that says node_modules does', () => {
  const reach = reaches('src\n*.md\nnode_modules/**/*.map\n', {
    ...git({ '': 'node_modules\n*.js\n' }),
    named: ['node_modules/'],
  })
  for (const path of ['node_modules/debug/src/index.js', 'node_modules/x/test.db', 'packages/a/node_modules/b/.env'])
    assert.ok(reach(path), path)
  for (const path of ['node_modules/x/a.map', 'node_modules/gyp/__pycache__/x.pyc', 'node_modules/.cache/x'])
    assert.ok(!reach(path), path)
  assert.ok(reaches('/node_modules\n', { named: ['node_modules/'] })('node_modules/ms/index.js'), 'a release cannot do without')
})

test('development packages are left out, unless a line with ! keeps one', () => {
  const development = new Set(['node_modules/typescript/', 'node_modules/vite/', 'node_modules/linked/'])
  const reach = reaches('/local\n!/node_modules/vite/\n', { development })
  for (const path of ['node_modules/vite/a.js', 'node_modules/express/a.js', 'node_modules/typescript2/a.js'])
    assert.ok(reach(path), path)
  for (const path of ['node_modules/typescript/lib/tsc.js', 'node_modules/linked']) assert.ok(!reach(path), path)
})

test('of a plugin that was a release only .releaseignore leaves something out', () => {
  const reach = reaches('*.csv\n', { of: 'everything' })
  for (const path of ['.env', 'a.db', 'x.log']) assert.ok(reach(path), path)
  assert.ok(!reach('a.csv'))
})

test('what is left out is told by its reason, what nobody misses is not', () => {
  const leftOut = new Map([
    ['never', ['local/']],
    ['.releaseignore', ['Makefile', 'docs/', '.gitignore']],
    ['git-ignored', ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']],
    ['data', ['app.db']],
    ['caches', ['main/__pycache__/']],
  ] as const)
  assert.deepEqual(leftOutLines(leftOut), [
    'Left out (named by .releaseignore): docs/',
    'Left out (data of this machine): app.db',
    'Left out (named by .gitignore): a, b, c, d, e, f and 2 more',
    'To keep one in the release, add its path to .releaseignore with !/ in front, such as !/data/places.db',
  ])
  assert.deepEqual(leftOutLines(new Map([['caches', ['__pycache__/']]])), [])
})

test('a file with a password in an address is in no release, whatever .releaseignore says', () => {
  const around = { named: ['requirements.txt'], hasPassword: (path: string) => path !== 'limits.txt' }
  const { judge } = contentsOf('!/requirements.txt\n', { ...NOTHING, ...around })
  const cases = [
    ['requirements.txt', 'passwords'],
    ['requirements/base.txt', 'passwords'],
    ['python3_virtualenv_sources/requirements-to-freeze.txt', 'passwords'],
    ['pyproject.toml', 'passwords'],
    ['main/constraints.txt', 'passwords'],
    ['limits.txt', 'in'],
    ['main/wsgi.py', 'in'],
  ] as const
  for (const [path, expected] of cases) assert.equal(judge(path, 'other'), expected, path)
})
