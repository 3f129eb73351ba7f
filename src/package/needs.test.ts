import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkNeeds, compareVersions, describeNeeds, type Here, mergeNeeds, pythonName } from './needs.ts'
import { needsOfWheels, readWheelName } from './wheel.ts'

const HERE: Here = {
  python3: 'cpython-311',
  python3Version: '3.11.2',
  python2: undefined,
  node: '147',
  platform: { os: 'linux', arch: 'x64', glibc: '2.36' },
}

test('what a release needs and the machine lacks is said with both, all at once', () => {
  const cases = [
    { needs: {}, expect: [] },
    { needs: { python3: { tag: 'cpython-311' }, node: { abi: '147' } }, expect: [] },
    { needs: { python3: { tag: 'cpython-39' } }, expect: [/Python 3\.9 \(cpython-39\), here is Python 3\.11 \(cpython-311\)/] },
    { needs: { python3Version: { requires: '>=3.10,<3.12' } }, expect: [] },
    { needs: { python3Version: { requires: '==3.12.*' } }, expect: [/runs on Python ==3\.12\.\*, here is Python 3\.11\.2/] },
    { needs: { python2: { tag: 'cpython-27mu' } }, expect: [/Python 2\.7 \(cpython-27mu\), here is none/] },
    { needs: { node: { abi: '115' } }, expect: [/Node ABI 115, the Node here has ABI 147/] },
    { needs: { node: { abi: '115' }, nodeVersion: { asks: '20' } }, expect: [] },
    { needs: { platform: { os: 'linux', arch: 'arm64' } }, expect: [/linux on arm64, here is linux on x64/] },
    { needs: { platform: { os: 'linux', arch: 'x64', glibc: '2.4' } }, expect: [] },
    { needs: { platform: { os: 'linux', arch: 'x64', glibc: '2.38' } }, expect: [/glibc 2\.38, here is glibc 2\.36/] },
    { needs: { python3: { tag: 'cpython-312' }, node: { abi: '1' } }, expect: [/Python 3\.12/, /ABI 1,/] },
  ]
  for (const { needs, expect } of cases) {
    const problems = checkNeeds(needs, HERE, { file: 'a.plugin' })
    assert.equal(problems.length, expect.length, JSON.stringify(needs))
    for (const [index, message] of expect.entries()) assert.match(problems[index]?.message ?? '', message)
    for (const { code, fix } of problems) assert.ok(code === 'RELEASE_NEEDS' && fix !== '')
  }
})

test('a Python that is not here is named with the ways to get it', () => {
  for (const needs of [{ python3: { tag: 'cpython-312' } }, { python3Version: { requires: '>=3.12,<3.13' } }]) {
    const [problem] = checkNeeds(needs, HERE)
    assert.match(problem?.fix ?? '', /"uv python install 3\.12" or "pyenv install 3\.12"/)
  }
  assert.equal(describeNeeds({ python3Version: { requires: '>=3.12' } }), 'Python >=3.12')
  assert.equal(describeNeeds({ nodeVersion: { asks: '>=18 <21' } }), 'Node >=18 <21')
})

test('wheels need what their names say; pure ones need nothing', () => {
  const cases = [
    { wheels: ['flask-3.1.0-py3-none-any.whl'], needs: {} },
    { wheels: ['six-1.16.0-py2.py3-none-any.whl'], needs: {} },
    {
      wheels: ['markupsafe-3.0.2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl'],
      needs: { python3: { tag: 'cpython-311' }, platform: { os: 'linux', arch: 'x64', glibc: '2.17' } },
    },
    { wheels: ['x-1-cp37-abi3-manylinux_2_28_aarch64.whl'], needs: { platform: { os: 'linux', arch: 'arm64', glibc: '2.28' } } },
    { wheels: ['uv-1-py3-none-musllinux_1_1_x86_64.whl'], needs: { platform: { os: 'linux', arch: 'x64' } } },
    {
      wheels: ['own-1-1-cp311-cp311-linux_x86_64.whl'],
      needs: { python3: { tag: 'cpython-311' }, platform: { os: 'linux', arch: 'x64', glibc: '2.36' } },
    },
    {
      wheels: ['a-1-cp310-abi3-manylinux2014_x86_64.whl', 'b-1-py3-none-manylinux_2_34_x86_64.whl'],
      needs: { platform: { os: 'linux', arch: 'x64', glibc: '2.34' } },
    },
  ]
  for (const { wheels, needs } of cases) {
    const read = wheels.map((name) => readWheelName(name) ?? assert.fail(name))
    assert.deepEqual(needsOfWheels(read, 'python3', '2.36'), needs)
  }
  const old = readWheelName('markupsafe-1.1.1-cp27-cp27mu-manylinux1_x86_64.whl') ?? assert.fail()
  assert.deepEqual(needsOfWheels([old], 'python2', '2.36'), {
    python2: { tag: 'cpython-27mu' },
    platform: { os: 'linux', arch: 'x64', glibc: '2.5' },
  })
  assert.equal(readWheelName('flask-3.1.0.tar.gz'), undefined)
})

test('needs of parts come together; of two glibcs the newer one counts', () => {
  const platform = (glibc?: string) => ({ platform: { os: 'linux', arch: 'x64', ...(glibc === undefined ? {} : { glibc }) } })
  assert.deepEqual(mergeNeeds([platform('2.4'), platform('2.17'), platform(), { node: { abi: '1' } }]), {
    ...platform('2.17'),
    node: { abi: '1' },
  })
  assert.equal(describeNeeds({}), 'nothing of the machine')
  assert.equal(describeNeeds({ ...platform('2.4'), node: { abi: '1' } }), 'Node ABI 1, linux on x64 with glibc 2.4 or newer')
})

test('a wheel fits what one of its tags fits, and one for other systems needs nothing that is known here', () => {
  const linux = { os: 'linux', arch: 'x64' }
  const cases = [
    { wheel: 'x-1-cp311.py3-none-any.whl', needs: {} },
    { wheel: 'x-1-py3-none-any.linux_x86_64.whl', needs: {} },
    { wheel: 'x-1-py3-none-macosx_11_0_arm64.whl', needs: {} },
    { wheel: 'x-1-py3-none-manylinux_2_17_sparc.whl', needs: {} },
    { wheel: 'x-1-py3-none-win_amd64.manylinux_2_17_x86_64.whl', needs: { platform: { ...linux, glibc: '2.17' } } },
    { wheel: 'x-1-pp310-pypy310_pp73-any.whl', needs: {} },
    { wheel: 'x-1-cp310.cp311-none-any.whl', needs: { python3: { tag: 'cpython-310' } } },
    { wheel: 'x-1-py3-none-manylinux_2_17_x86_64.musllinux_1_1_x86_64.whl', needs: { platform: linux } },
    { wheel: 'x-1-py3-none-musllinux_1_1_x86_64.manylinux_2_17_x86_64.whl', needs: { platform: linux } },
    { wheel: 'x-1-py3-none-manylinux_2_28_x86_64.manylinux_2_4_x86_64.whl', needs: { platform: { ...linux, glibc: '2.4' } } },
    { wheel: 'x-1-py3-none-manylinux2010_x86_64.whl', needs: { platform: { ...linux, glibc: '2.12' } } },
    { wheel: 'x-1-cp311-none-any.whl', needs: { python3: { tag: 'cpython-311' } } },
  ]
  for (const { wheel, needs } of cases)
    assert.deepEqual(needsOfWheels([readWheelName(wheel) ?? assert.fail(wheel)], 'python3', '2.36'), needs, wheel)
  for (const [abi, needs] of [
    ['none', {}],
    ['cp27m', { python2: { tag: 'cpython-27m' } }],
    ['cp27mu.cp27m', { python2: { tag: 'cpython-27mu' } }],
  ] as const)
    assert.deepEqual(needsOfWheels([readWheelName(`x-1-cp27-${abi}-any.whl`) ?? assert.fail()], 'python2', '2.36'), needs, abi)
  const untold = readWheelName('x-1-py3-none-linux_x86_64.whl') ?? assert.fail()
  assert.deepEqual(needsOfWheels([untold], 'python3', undefined), { platform: linux })
})

test('versions come in the order of their numbers, and what a version does not say is zero', () => {
  const rising = ['2.4', '2.17', '2.17.1', '2.17.2', '3.0']
  for (const [index, one] of rising.entries())
    for (const [place, other] of rising.entries())
      assert.equal(Math.sign(compareVersions(one, other)), Math.sign(index - place), `${one} and ${other}`)
  for (const [one, other] of [
    ['2', '2.0.0'],
    ['2.3', '2.3.0'],
  ] as const)
    assert.deepEqual([compareVersions(one, other), compareVersions(other, one)], [0, 0])
  const platform = (glibc: string) => ({ platform: { os: 'linux', arch: 'x64', glibc } })
  assert.deepEqual(mergeNeeds(['2.4', '2.28', '2.17'].map(platform)), platform('2.28'))
})

test('a release needs no newer glibc than is here, and any where there is none is too new', () => {
  const needing = (glibc: string) => ({ platform: { os: 'linux', arch: 'x64', glibc } })
  const said = (glibc: string, here: Here) => checkNeeds(needing(glibc), here).map(({ message }) => message)
  const musl = { ...HERE, platform: { os: 'linux', arch: 'x64' } }
  assert.deepEqual(said('2.36', HERE), [])
  assert.deepEqual(said('2.37', HERE), ['it has parts compiled for glibc 2.37, here is glibc 2.36'])
  assert.deepEqual(said('2.4', musl), ['it has parts compiled for glibc 2.4, here is none'])
  assert.deepEqual(checkNeeds({ platform: { os: 'linux', arch: 'x64' } }, musl), [])
  const mac = { ...HERE, platform: { os: 'darwin', arch: 'x64' } }
  assert.deepEqual(said('2.4', mac), ['it has parts compiled for linux on x64, here is darwin on x64'])
})

test('needs are said in words, and a Python of another kind by its tag', () => {
  assert.equal(pythonName('pypy310-pp73'), 'pypy310-pp73')
  assert.equal(
    describeNeeds({
      python3: { tag: 'cpython-311' },
      python2: { tag: 'cpython-27mu' },
      platform: { os: 'linux', arch: 'arm64' },
    }),
    'Python 3.11 (cpython-311), Python 2.7 (cpython-27mu), linux on arm64',
  )
})
