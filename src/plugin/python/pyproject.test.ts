import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Pyproject, readPyproject } from './pyproject.ts'

const APPLICATION = `# an application
[project]
name = "shop"
version = "1.0"
requires-python = ">=3.10,<4"
dependencies = [
  "flask>=3",   # web
  'tomli>=2 ; python_version < "3.11"',
]

[project.optional-dependencies]
fast = ["uvloop"]

[dependency-groups]
dev = ["pytest"]
`

function read(text: string): Pyproject {
  const reading = readPyproject(text)
  assert.ok('value' in reading, JSON.stringify(reading))
  return reading.value
}

test('what an application needs is read with its lines, and neither its extras nor what its developers need', () => {
  const { dependencies, requiresPython, isPackage, hasProject } = read(APPLICATION)
  assert.deepEqual(dependencies, [
    { text: 'flask>=3', line: 7 },
    { text: 'tomli>=2 ; python_version < "3.11"', line: 8 },
  ])
  assert.deepEqual(requiresPython, { specifiers: '>=3.10,<4', line: 5 })
  assert.deepEqual([hasProject, isPackage], [true, false])
})

test('an application is a package of its own exactly where uv takes it for one', () => {
  const built = `${APPLICATION}[build-system]\nrequires = ["setuptools"]\n`
  const cases = [
    [APPLICATION, false],
    [built, true],
    [`${built}[tool.uv]\npackage = false\n`, false],
    [`${APPLICATION}[tool.uv]\npackage = true\n`, true],
    [`${built}[tool.poetry]\npackage-mode = false\n`, false],
    ['[build-system]\nrequires = []\n', false],
  ] as const
  for (const [text, expected] of cases) assert.equal(read(text).isPackage, expected, text)
})

test('a file that only sets up tools asks for nothing, and one of Poetry is told apart', () => {
  assert.deepEqual([read('[tool.black]\nline-length = 100\n').hasProject, read('').hasProject], [false, false])
  assert.equal(read('[tool.poetry.dependencies]\nflask = "^3"\n').poetryOnly, true)
  assert.equal(read(`${APPLICATION}[tool.poetry.dependencies]\nflask = "^3"\n`).poetryOnly, false)
})

test('the versions are frozen again for another dependency, and not for another setting of a tool', () => {
  const { essence } = read(APPLICATION)
  assert.equal(read(`${APPLICATION}[tool.black]\nline-length = 9\n`).essence, essence)
  assert.equal(read(APPLICATION.replace('1.0', '1.1')).essence, essence)
  assert.notEqual(read(APPLICATION.replace('flask>=3', 'flask>=3.1')).essence, essence)
  assert.notEqual(read(`${APPLICATION}[tool.uv]\nconstraint-dependencies = ["six<2"]\n`).essence, essence)
})

test('the directories of local packages are read from the sources of uv', () => {
  const text = `${APPLICATION}[tool.uv.sources]\nmylib = { path = "libs/mylib", editable = true }\nother = [{ path = "../other" }]\nx = { git = "https://example.org/x" }\n`
  assert.deepEqual(read(text).paths, ['libs/mylib', '../other'])
})

test('a line that is told is one of [project], whatever tables of other tools stand in front of it', () => {
  const text = `[tool.hatch.envs.test]\ndependencies = ["flask"]\nrequires-python = "x"\n\n${APPLICATION.replace('>=3"', '"')}`
  const { dependencies, requiresPython } = read(text)
  assert.deepEqual([dependencies.map(({ line }) => line), requiresPython?.line], [[11, 12], 9])
  const short = '[project]\ndependencies = ["flask"]\n[dependency-groups]\ndev = ["flask"]\n'
  assert.deepEqual(read(short).dependencies, [{ text: 'flask', line: 2 }])
  const inline = 'project = { dependencies = ["flask"], requires-python = ">=3" }\n'
  assert.deepEqual([read(inline).dependencies[0]?.line, read(inline).requiresPython?.line], [1, 1])
})

test('what is of another kind than it should be counts as not there', () => {
  assert.deepEqual([read('project = "x"').hasProject, read('[[project]]\nname = "x"\n').hasProject], [false, false])
  assert.deepEqual([read('[project]\nrequires-python = 3\n').requiresPython, read('').requiresPython], [undefined, undefined])
  assert.deepEqual([read('tool.uv = 1').uv, read('').uv], [{}, {}])
  for (const [dynamic, expected] of [
    ['[]', false],
    ['["version"]', false],
    ['["version", "dependencies"]', true],
    ['"dependencies"', false],
  ] as const)
    assert.equal(read(`[project]\ndynamic = ${dynamic}\n`).isDynamic, expected, dynamic)
})

test('versions that are frozen stay so when mfserv itself becomes another', () => {
  assert.equal(read('').essence, '[[],[],null,null,null]')
  const all = '[project]\ndependencies = ["a"]\ndynamic = ["version"]\nrequires-python = ">=3"\n'
  const { essence } = read(`${all}[tool.uv]\npackage = false\n[build-system]\nrequires = []\n`)
  assert.equal(essence, '[["a"],["version"],">=3",{"package":false},{"requires":[]}]')
})

test('a list that is none is a mistake with its line', () => {
  const broken = readPyproject('[project]\nname = "x\n')
  assert.deepEqual('mistake' in broken && broken.line, 2)
  assert.deepEqual(readPyproject('[project]\nname = "x"\ndependencies = "flask"\n'), {
    mistake: 'dependencies in [project] is no list of texts',
    line: 3,
  })
})
