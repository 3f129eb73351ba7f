import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

const FAULTS = [
  { what: 'a value of more than 128 KiB', environment: '{ LONG: "x".repeat(131072) }', told: 'ENVIRONMENT LONG is too long' },
  { what: 'a NUL character', environment: '{ NUL: "a\\0" }', told: 'ENVIRONMENT NUL holds a NUL character' },
  {
    what: 'more than the system takes in all',
    environment: 'Object.fromEntries(Array.from({ length: 99 }, (_, index) => ["V" + index, "x".repeat(100000)]))',
    told: 'ENVIRONMENT the environment of the plugin is too long',
  },
]

for (const { what, environment, told } of FAULTS) {
  test(`a command that cannot get its environment says why: ${what}`, async () => {
    const script = `
      const { become } = await import(${JSON.stringify(import.meta.resolve('./become.ts'))})
      try { become({ name: 'test', argv: ['true'], environment: ${environment}, cwd: '/' }) }
      catch (error) { console.log(error.code, error.message) }`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
    assert.ok(stdout.startsWith(told), stdout)
  })
}
