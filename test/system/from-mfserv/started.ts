import { after } from 'node:test'
import { newWorld, type Ran } from '../world.ts'

export const world = await newWorld('[releases]\nwatch_seconds = 0\n')

after(() => world.end())

await world.must('mfserv.start')

/** As a person does with the environment of mfserv loaded. */
export function make(home: string, target: string): Promise<Ran> {
  return world.run('mfserv_wrapper', ['make', '--no-print-directory', target], { in: home })
}
