import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { SlotId } from './ids.ts'
import { appId, appOf, holdName, linkName, logName, parseSocketName, partsOf, slotId, slotsOf, socketName } from './slot.ts'

test('the slots of an app are counted from 1', () => {
  assert.deepEqual(slotsOf(appId('blog', 'web'), 3), ['blog/web#1', 'blog/web#2', 'blog/web#3'])
  assert.deepEqual(slotsOf(appId('blog', 'web'), 0), [])
})

test('socket, link and hold of an app can be told apart by name in one directory', () => {
  const slot = slotId(appId('my_blog', 'web-2'), 10)
  assert.equal(linkName(slot), 'my_blog.web-2.10.sock')
  assert.equal(socketName(slot, 3), 'my_blog.web-2.10.g3.sock')
  assert.equal(holdName(appId('my_blog', 'web-2')), 'my_blog.web-2.hold.sock')
})

test('a slot id is taken apart into what it was made of', () => {
  fc.assert(
    fc.property(name(), name(), count(), (plugin, app, slot) => {
      assert.deepEqual(partsOf(slotId(appId(plugin, app), slot)), { plugin, app, slot })
      assert.equal(appOf(slotId(appId(plugin, app), slot)), `${plugin}/${app}`)
    }),
  )
})

test('what is no slot id has no parts', () => {
  assert.deepEqual(partsOf('blog' as SlotId), { plugin: '', app: '', slot: 0 })
})

test('no two apps or daemons share a log', () => {
  assert.equal(logName('app', 'a', 'b'), 'app_a_b.log')
  assert.equal(logName('app', 'a', 'b_c'), 'app_a.b_c.log')
  assert.equal(logName('extra', 'a_b', 'c'), 'extra_a_b_c.log')
})

test('a socket found on disk names its slot and generation', () => {
  fc.assert(
    fc.property(name(), name(), count(), fc.nat(), (plugin, app, number, generation) => {
      const slot = slotId(appId(plugin, app), number)
      assert.deepEqual(parseSocketName(socketName(slot, generation)), { slot, generation })
    }),
  )
})

test('no other file in the directory of sockets is taken for the socket of a worker', () => {
  fc.assert(
    fc.property(name(), name(), count(), (plugin, app, number) => {
      const id = appId(plugin, app)
      const socket = socketName(slotId(id, number), 1)
      const others = [
        linkName(slotId(id, number)),
        holdName(id),
        `${socket}.new`,
        `.${socket}`,
        `x.${socket}`,
        socket.slice(0, -5),
      ]
      for (const other of others) assert.equal(parseSocketName(other), undefined, other)
    }),
  )
})

test('no two sockets, links or holds of different apps, slots and generations share a name', () => {
  const part = fc.constantFrom('a', 'b', 'a_b', 'a-1', 'hold', '1', 'g1')
  const owner = fc.record({ plugin: part, app: part, slot: fc.integer({ min: 1, max: 3 }), generation: fc.nat(2) })
  fc.assert(
    fc.property(owner, owner, (one, other) => {
      const shared = names(one).filter((text) => names(other).includes(text))
      const isSameApp = one.plugin === other.plugin && one.app === other.app
      const isSameSlot = isSameApp && one.slot === other.slot
      const expected = [isSameSlot, isSameSlot && one.generation === other.generation, isSameApp]
      assert.deepEqual(
        shared,
        names(one).filter((_, index) => expected[index]),
      )
    }),
    { numRuns: 1_000 },
  )
})

interface Owner {
  readonly plugin: string
  readonly app: string
  readonly slot: number
  readonly generation: number
}

function names({ plugin, app, slot, generation }: Owner): readonly string[] {
  const id = appId(plugin, app)
  return [linkName(slotId(id, slot)), socketName(slotId(id, slot), generation), holdName(id)]
}

function name(): fc.Arbitrary<string> {
  return fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/)
}

function count(): fc.Arbitrary<number> {
  return fc.integer({ min: 1, max: 1_000 })
}
