import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mountedIn, mountPoints, pointsIn } from './mount-points.ts'

test('where something is mounted is read as the kernel tells it, with every blank and letter of the path', () => {
  const mountinfo = `22 1 254:0 / / rw,noatime - ext4 /dev/root rw
36 22 0:25 / /srv/a\\040b\\134c\\011d rw,relatime shared:1 - overlay none rw
41 22 254:0 /home/grüße /srv/grüße/config.ini rw - ext4 /dev/root rw
`
  assert.deepEqual(pointsIn(mountinfo), ['/', '/srv/a b\\c\td', '/srv/grüße/config.ini'])
  assert.ok(mountPoints().includes('/proc'))
})

test('a disk that is mounted on a directory, on a file or deep below is seen; one above or beside is not', () => {
  const replaced = ['/home/a/config/config.ini', '/home/a/var/data']
  const seen = (point: string): boolean => mountedIn(replaced, ['/', '/proc', point]) === point
  for (const point of [...replaced, '/home/a/var/data/shop/uploads']) assert.ok(seen(point), point)
  for (const point of ['/home/a', '/home/a/var', '/home/a/var/data2', '/home/a/config']) assert.ok(!seen(point), point)
})
