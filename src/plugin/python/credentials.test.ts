import assert from 'node:assert/strict'
import { test } from 'node:test'
import { credentialsIn, withoutCredentials } from './credentials.ts'

test('what lets a reader in somewhere is never shown, and everything else as it is', () => {
  const cases = [
    ['--index-url https://bob:secret@example.org/simple', '--index-url https://***@example.org/simple'],
    ['x @ git+https://token@example.org/x.git', 'x @ git+https://***@example.org/x.git'],
    ['ssh://git:secret@example.org', 'ssh://***@example.org'],
    ['git+ssh://git@example.org/x.git', 'git+ssh://git@example.org/x.git'],
    [`https://\${USER}:\${TOKEN}@example.org`, `https://\${USER}:\${TOKEN}@example.org`],
    [`https://bob:\${TOKEN}@example.org`, `https://bob:\${TOKEN}@example.org`],
    ['https://bob:@example.org', 'https://bob:@example.org'],
    ['https://example.org/a@b', 'https://example.org/a@b'],
    ['x[fast] @ https://example.org/x.zip', 'x[fast] @ https://example.org/x.zip'],
    ['https://****@example.org', 'https://****@example.org'],
  ] as const
  for (const [text, expected] of cases) assert.equal(withoutCredentials(text), expected)
})

test('the line with a password is found', () => {
  assert.equal(credentialsIn('six\n--index-url https://bob:secret@example.org\n'), 2)
  assert.equal(credentialsIn('--index-url https://bob:secret@example.org\nsix\n'), 1)
  assert.equal(credentialsIn('six\n--index-url https://example.org\n'), undefined)
})
