import type { World } from '../world.ts'

export async function serve(world: World, home: string): Promise<void> {
  await world.must('mfserv', ['make'], { in: home })
  await world.must('_plugins.develop', [], { in: home })
}

export function plain({ status, body }: Answer): readonly [number, string] {
  return [status, body]
}

interface Answer {
  readonly status: number
  readonly body: string
  readonly cookie: string
  readonly id: string
}

/** Not with fetch, which chooses some headers itself. */
export async function ask(url: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const { request } = await import('node:http')
  const { text } = await import('node:stream/consumers')
  const { promise, resolve, reject } = Promise.withResolvers<import('node:http').IncomingMessage>()
  request(url, { headers, agent: false }, resolve).on('error', reject).end()
  const answer = await promise
  const cookie = (answer.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ')
  const id = String(answer.headers['x-request-id'])
  return { status: answer.statusCode ?? 0, body: await text(answer), cookie, id }
}
