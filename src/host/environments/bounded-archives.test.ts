import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { archiveProblem } from './bounded-archives.ts'

const directory = mkdtempSync(join(tmpdir(), 'mfbounds'))
after(() => rmSync(directory, { recursive: true, force: true }))

/** A zip that Python makes of `body`, which has `z`. */
function zip(name: string, body: string, method = 'DEFLATED'): string {
  const file = join(directory, name)
  const code = `import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_${method}) as z:\n${body}`
  execFileSync('python3', ['-c', code, file])
  return file
}

async function why(file: string): Promise<string> {
  const problem = await archiveProblem(file, 'fix')
  assert.ok(problem === undefined || (problem.code === 'RELEASE_UNSAFE' && problem.where?.file === file))
  return problem?.message ?? 'taken'
}

test('a wheel as they are is taken, of whatever size its files are', async () => {
  const body = [
    '  import os',
    '  z.writestr("thing/__init__.py", "x = 1\\n" * 1000)',
    '  z.writestr("thing/data", os.urandom(3000000))',
    '  z.writestr("thing/zeros", bytes(20000000))',
    '  z.writestr("thing/empty", "")',
    '  z.writestr(zipfile.ZipInfo("thing/stored"), os.urandom(1000))',
    '  z.comment = b"a comment"',
  ]
  assert.equal(await why(zip('thing-1-py3-none-any.whl', body.join('\n'))), 'taken')
})

test('a wheel of some kilobytes that unpacks to hundreds of megabytes is refused, by whatever trick', async () => {
  const many = zip('many-1-py3-none-any.whl', '  for i in range(25): z.writestr(f"x{i}", bytes(10000000))')
  assert.match(await why(many), /^many-1-py3-none-any\.whl: it unpacks to more than the \d+ bytes that its size allows/)
  const bzip2 = zip('bz-1-py3-none-any.whl', '  z.writestr("x", bytes(50000000))', 'BZIP2')
  assert.ok(statSync(bzip2).size < 3000)
  assert.match(await why(bzip2), /packed in a way that is not read here/)
  // Each of many files is the same bytes.
  const same = zip(
    'same-1-py3-none-any.whl',
    '  z.writestr("x", bytes(40000))\n  one = z.filelist[0]\n  import copy\n  for i in range(2000):\n    e = copy.copy(one); e.filename = f"x{i}"; z.filelist.append(e)',
  )
  assert.match(await why(same), /unpacks to more than/)
  const sdist = join(directory, 'thing-1.tar.gz')
  writeFileSync(sdist, gzipSync(Buffer.alloc(120 << 20)))
  assert.match(await why(sdist), /^thing-1\.tar\.gz: it unpacks to more than/)
  writeFileSync(join(directory, 'thing-1.tar.xz'), '')
  assert.match(await why(join(directory, 'thing-1.tar.xz')), /not read here/)
})

test('what counts is what comes out of a wheel, and not the sizes that it says', async () => {
  const file = zip('liar-1-py3-none-any.whl', '  z.writestr("x", bytes(60000000))')
  const bytes = readFileSync(file)
  const central = bytes.lastIndexOf(Buffer.from('504b0102', 'hex'))
  bytes.writeUInt32LE(10, central + 24)
  bytes.writeUInt32LE(10, 22)
  writeFileSync(file, bytes)
  assert.match(await why(file), /unpacks to more than/)
})

test('a wheel that is damaged, or no zip, is refused with the reason', async () => {
  const good = readFileSync(zip('good-1-py3-none-any.whl', '  z.writestr("x", "text" * 1000)'))
  const file = join(directory, 'bad-1-py3-none-any.whl')
  const central = good.lastIndexOf(Buffer.from('504b0102', 'hex'))
  const cases: readonly (readonly [Buffer, RegExp])[] = [
    [Buffer.from('no zip'), /it is no zip file/],
    [Buffer.alloc(0), /it is no zip file/],
    [good.subarray(0, -10), /it is no zip file/],
    [Buffer.concat([Buffer.from('more'), good]), /not where its end says/],
    [Buffer.concat([good.subarray(0, central), Buffer.alloc(4), good.subarray(central + 4)]), /its directory is damaged/],
    [Buffer.concat([Buffer.alloc(8), good.subarray(8)]), /it is damaged/],
    [Buffer.concat([good.subarray(0, 33), Buffer.alloc(20, 0xff), good.subarray(53)]), /it is damaged/],
  ]
  for (const [bytes, because] of cases) {
    writeFileSync(file, bytes)
    assert.match(await why(file), because)
  }
})
