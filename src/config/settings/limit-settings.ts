import { orAuto, sizeOrAuto, whole } from '../value.ts'
import { setting } from './setting.ts'

/** `[limits]`. */
export const LIMIT_SETTINGS = {
  memory_max: setting(
    sizeOrAuto,
    'AUTO',
    'Memory that one worker or daemon of a plugin may have, with all it starts, where its section says nothing: 300M, 2G. Beyond it is killed and started again. AUTO: half of plugins_memory_max. 0: no limit.',
  ),
  memory_high: setting(
    sizeOrAuto,
    'AUTO',
    'Memory from which on another worker takes the place of one, without a lost request. AUTO: four fifths of memory_max. 0: never.',
  ),
  tasks_max: setting(
    orAuto(whole(0, 4_000_000)),
    'AUTO',
    'Processes and threads that one worker or daemon may have, with all it starts. Beyond it is killed and started again. AUTO: 1000. 0: no limit.',
  ),
  plugins_memory_max: setting(
    sizeOrAuto,
    'AUTO',
    'Memory that all plugins may have together. AUTO: that of the machine but for a tenth of it, and for at least 512 MB, for mfserv and nginx. 0: no limit.',
  ),
} as const
