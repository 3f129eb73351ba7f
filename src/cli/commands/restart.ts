import { restartModule } from '../../operations/module/start.ts'
import type { Result } from '../output.ts'
import { bringUp } from './start.ts'

export function run(): Promise<Result> {
  return bringUp(restartModule)
}
