import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pluginsWithAccessLog } from './markers.ts'

test('a plugin that says how its requests are logged is named, and nobody for what mfserv says itself', () => {
  const text = `
  access_log "/h/nginx_access.log" mfserv;
  location = /status { access_log off; }
  # >>> plugin quiet
  location /quiet { access_log off; }
  # <<< plugin quiet
  # >>> plugin blog
  location /blog { set $access_log 1; } # access_log off;
  # <<< plugin blog
  # >>> plugin other
  location /other {
    access_log /tmp/other.log combined;
  }
  # <<< plugin other
`
  assert.deepEqual(pluginsWithAccessLog(text), ['quiet', 'other'])
})
