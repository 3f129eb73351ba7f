import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blamedLine } from './blame.ts'

const REQUIREMENTS = '# web\nflask[async]>=2\n\nZope_Interface==9\nsix\n'

test('the line a tool complains about is found from what it says', () => {
  const cases = [
    { message: "Unexpected '=': r.txt:4:1", text: REQUIREMENTS, file: 'r.txt', line: 4 },
    { message: "Invalid requirement: '===bad' (from line 5 of r.txt)", text: REQUIREMENTS, file: 'r.txt', line: 5 },
    { message: 'Because zope-interface was not found in the package registry', text: REQUIREMENTS, file: 'r.txt', line: 4 },
    { message: 'No matching distribution found for Zope_Interface==9', text: REQUIREMENTS, file: 'r.txt', line: 4 },
    { message: 'nothing can be concluded about six.', text: REQUIREMENTS, file: 'r.txt', line: 5 },
    { message: 'because you require six<1 and six>2', text: 'six\nsix < 1  # old\n', file: 'r.txt', line: 2 },
    { message: 'connection refused', text: REQUIREMENTS, file: 'r.txt', line: undefined },
  ]
  for (const { message, text, file, line } of cases) assert.equal(blamedLine(message, text, file), line, message)
})
