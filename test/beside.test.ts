import assert from 'node:assert/strict'
import process from 'node:process'
import { test } from 'node:test'
import { beside, type Job, minutesAndSeconds } from './beside.ts'

test('the tests fail with what is checked beside them, and all that a check says is told whole', async () => {
  const told: string[] = []
  const failed = await beside(
    job('tests', ''),
    [job('types', 'console.log("one"); console.error("two"); process.exitCode = 2'), job('lint', 'console.log("all is well")')],
    (name) => told.push(name),
  )
  assert.deepEqual(
    failed.map(({ name, code }) => [name, code]),
    [['types', 2]],
  )
  assert.deepEqual(failed[0]?.output.split('\n').sort(), ['', 'one', 'two'])
  assert.deepEqual(told, ['types'])
})

test('a test that fails, or was killed, fails the whole though every check is well', async () => {
  for (const code of ['process.exitCode = 1', 'process.kill(process.pid, "SIGKILL")']) {
    const failed = await beside(job('tests', code), [job('types', '')], () => assert.fail('no check failed'))
    assert.deepEqual(
      failed.map(({ name }) => name),
      ['tests'],
    )
  }
  assert.deepEqual(await beside(job('tests', ''), [job('types', '')], () => undefined), [])
})

test('how long the tests took is told in minutes and seconds', () => {
  assert.deepEqual([0, 59_600, 61_000, 605_400].map(minutesAndSeconds), ['0:00', '1:00', '1:01', '10:05'])
})

function job(name: string, code: string): Job {
  return { name, argv: [process.execPath, '-e', code] }
}
