import assert from 'node:assert/strict'
import { test } from 'node:test'
import { vendoredRequirements } from './vendored-requirements.ts'

test('frozen requirements are read for the files that a release brings, wherever they came from once', () => {
  const files = ['my_tool-1.2-py3-none-any.whl', 'old.thing-0.3.tar.gz', 'flask-3.1.0-py3-none-any.whl']
  const cases = [
    { frozen: 'flask==3.1.0', expect: 'flask==3.1.0' },
    { frozen: 'flask==3.1.0 --hash=sha256:00 \\\n  --hash=sha256:11', expect: 'flask==3.1.0' },
    { frozen: 'My-Tool @ git+https://example.org/x@abc', expect: 'My-Tool==1.2' },
    {
      frozen: 'my-tool[extra] @ https://example.org/x.zip ; python_version > "3"',
      expect: 'my-tool[extra]==1.2 ; python_version > "3"',
    },
    { frozen: 'old-thing @ file:///tmp/x', expect: 'old-thing==0.3' },
    { frozen: 'unknown @ https://example.org/x', expect: 'unknown @ https://example.org/x' },
    { frozen: '--index-url https://example.org\n-r other.txt', expect: '-r other.txt' },
  ]
  for (const { frozen, expect } of cases) assert.equal(vendoredRequirements(frozen, files), `${expect}\n`)
})
