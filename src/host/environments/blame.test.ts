import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blamedLine } from './blame.ts'

const REQUIREMENTS = '# web\nflask[async]>=2\n\nZope_Interface==9\nsix\n'
const PACKAGE_JSON = '{\n  "dependencies": {\n    "express": "^5",\n    "@scope/thing": "^99"\n  }\n}\n'

test('the line a tool complains about is found from what it says', () => {
  const cases = [
    { message: "Unexpected '=': r.txt:4:1", text: REQUIREMENTS, file: 'r.txt', line: 4 },
    { message: "Invalid requirement: '===bad' (from line 5 of r.txt)", text: REQUIREMENTS, file: 'r.txt', line: 5 },
    { message: 'Because zope-interface was not found in the package registry', text: REQUIREMENTS, file: 'r.txt', line: 4 },
    { message: 'No matching distribution found for Zope_Interface==9', text: REQUIREMENTS, file: 'r.txt', line: 4 },
    { message: 'nothing can be concluded about six.', text: REQUIREMENTS, file: 'r.txt', line: 5 },
    { message: 'because you require six<1 and six>2', text: 'six\nsix < 1  # old\n', file: 'r.txt', line: 2 },
    { message: 'No matching version found for @scope/thing@^99.', text: PACKAGE_JSON, file: 'package.json', line: 4 },
    { message: "404  'express@^5' is not in this registry.", text: PACKAGE_JSON, file: 'package.json', line: 3 },
    { message: 'connection refused', text: REQUIREMENTS, file: 'r.txt', line: undefined },
  ]
  for (const { message, text, file, line } of cases) assert.equal(blamedLine(message, text, file), line, message)
})

test('a key of package.json that is no package is never blamed', () => {
  const message = 'unable to resolve dependencies: express@^5'
  assert.equal(
    blamedLine(message, PACKAGE_JSON, 'package.json', (name) => name === 'express'),
    3,
  )
})
