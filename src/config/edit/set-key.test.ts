import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MODULE_INI, parseIni } from '../ini.ts'
import { withKey } from './set-key.ts'

const PORT = { section: 'nginx', key: 'port' }

test('setting a key changes its value and nothing else of the text', () => {
  for (const [says, before, after] of [
    ['in its spelling', '[nginx]\nport=1 \n', '[nginx]\nport=9\n'],
    ['with its blanks', '# mine\n[nginx]\n  Port  =  1\n# end\n', '# mine\n[nginx]\n  Port  =  9\n# end\n'],
    ['without an end of line', '[nginx]\nport = 1', '[nginx]\nport = 9'],
    ['with other ends of lines', '[nginx]\r\nport = 1\r\nflag = 1\r\n', '[nginx]\r\nport = 9\r\nflag = 1\r\n'],
    ['of several lines', '[nginx]\nport = 1\n   2\n# why\n   3\nflag = 1\n', '[nginx]\nport = 9\n# why\nflag = 1\n'],
    [
      'below its comment',
      '[nginx]\n# The port.\n#port = 1\n\n#flag = 1\n',
      '[nginx]\n# The port.\n#port = 1\nport = 9\n\n#flag = 1\n',
    ],
    [
      'behind the other keys',
      '[nginx]\nflag = 1\n\n# of the log\n[log]\n',
      '[nginx]\nflag = 1\nport = 9\n\n# of the log\n[log]\n',
    ],
    ['in front of indented keys', '[nginx]\n  flag = 1\n', '[nginx]\n  flag = 1\nport = 9\n'],
    [
      'in a comment in front of indented keys',
      '[nginx]\n# port = 1\n  flag = 1\n',
      '[nginx]\n# port = 1\n  port = 9\n  flag = 1\n',
    ],
    ['in an empty section', '[nginx]', '[nginx]\nport = 9\n'],
    ['in a section of its own', '[log]\nchmod = 1', '[log]\nchmod = 1\n\n[nginx]\nport = 9\n'],
    ['in an empty file', '', '[nginx]\nport = 9\n'],
    ['not in another section', '[log]\n#port = 1\n[nginx]\n', '[log]\n#port = 1\n[nginx]\nport = 9\n'],
    ['not in a variant', '[nginx]\nport[DEV] = 1\n', '[nginx]\nport[DEV] = 1\nport = 9\n'],
    ['not within a value', '[nginx]\nflag = 1\n# port = 2\n   3\n', '[nginx]\nflag = 1\n# port = 2\n   3\nport = 9\n'],
  ] as const) {
    assert.equal(withKey(before, PORT, '9'), after, says)
  }
})

test('a variant is a key of its own', () => {
  assert.equal(
    withKey('[nginx]\nport = 1\nport[DEV] = 2\n', { section: 'nginx', key: 'port[DEV]' }, '3'),
    '[nginx]\nport = 1\nport[DEV] = 3\n',
  )
})

test('a value that no line can hold is refused, and one of several lines goes on indented', () => {
  for (const value of ['a\n# b', 'a\n; b', ' a', 'a ', 'a\n  b', '\0'])
    assert.equal(withKey('[nginx]\n', PORT, value), undefined, value)
  assert.equal(withKey('[nginx]\nport = 1\n', PORT, 'a\nb'), '[nginx]\nport = a\n    b\n')
})

test('whatever the file says, the reader finds the new value and otherwise what it found before', () => {
  const line = fc.oneof(
    fc.constantFrom(
      '[nginx]',
      '[log]',
      ' [nginx]',
      '',
      '# port = 1',
      ';port=2',
      'port = 1',
      '  PORT=2',
      'port[DEV] = 3',
      'flag = 1',
    ),
    fc.constantFrom('   more', '  # comment', 'flag', '\tflag = 2', '[broken', 'a = b = c'),
  )
  const value = fc.constantFrom('9', '', 'a = b', 'a\nb', '[x]', 'x ; y')
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n'), value, (lines, end, wanted) => {
      const before = lines.join(end)
      const after = withKey(before, PORT, wanted)
      if (after === undefined) return lines.some((one) => one.trim() === '[nginx]')
      const comments = (text: string): readonly string[] => text.split(/\r?\n/).filter((one) => /^\s*[#;]/.test(one))
      assert.deepEqual(comments(after), comments(before))
      const found = parseIni(after, '', MODULE_INI).sections.find(({ name }) => name === 'nginx')
      return found?.entries.find(({ key }) => key === 'port')?.text === wanted
    }),
  )
})
