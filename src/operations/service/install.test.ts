import assert from 'node:assert/strict'
import { test } from 'node:test'
import { installService } from './install.ts'

test('on a machine without systemd mfserv becomes no service, and it is told how it starts at boot there', async () => {
  const refused = installService({ user: undefined, force: false, now: true }, false)
  await assert.rejects(refused, {
    code: 'SERVICE',
    message: /^systemd does not run this machine/,
    fix: /mfserv\.start.*crontab -e\):\n@reboot \/.*\/bin\/mfserv start$/,
  })
})
