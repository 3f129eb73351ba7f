import { orAuto, sizeOrAuto, whole } from '../../config/value.ts'
import { key } from '../key.ts'
import { coreLimit, flagOrAuto, limit } from './values.ts'

/** Why templates write nothing for the one limit that a Hello World does not survive. */
const ADDRESS_SPACE =
  'Empty: no limit. It bounds address space, not memory in use: node, WebAssembly, Go and Java reserve far more than they ever use, and do not even start under a small limit.'

/** What a process of an app or a daemon may take. */
export const LIMIT_KEYS = {
  rlimit_as: key('rlimit_as', limit, '', `Limit on the address space of one process, in bytes. ${ADDRESS_SPACE}`, {
    template: '',
  }),
  rlimit_nofile: key('rlimit_nofile', limit, '', 'Limit on the open files of one process. Empty or 0: no limit.', {
    template: '1000',
  }),
  rlimit_nproc: key('rlimit_nproc / -', limit, '', 'Limit on the processes of the whole user. Empty or 0: no limit.', {
    public: true,
  }),
  rlimit_stack: key('rlimit_stack', limit, '', 'Limit on the stack of one process, in bytes. Empty or 0: no limit.', {
    template: '10000000',
  }),
  rlimit_core: key(
    'rlimit_core / -',
    coreLimit,
    '',
    'Limit on a core file, in bytes. 0: no core file. Empty: core_size of [misc] of mfserv.',
    {
      template: '100000',
      public: true,
    },
  ),
  rlimit_fsize: key(
    'rlimit_fsize',
    limit,
    '',
    'Limit on each file that a process writes, in bytes. Its log counts, so stay well above max_size_before_rotation of [log]. Empty or 0: no limit.',
    {
      template: '1000000000',
    },
  ),
}

/** Where such a process writes. */
export const LOG_KEYS = {
  log_split_stdout_stderr: key(
    '- / log_split_stdout_stderr',
    flagOrAuto,
    'AUTO',
    'Files of their own for stdout and stderr. AUTO: as try_to_split_stdout_stderr of the module.',
  ),
  log_split_multiple_workers: key(
    '- / log_split_multiple_workers',
    flagOrAuto,
    'AUTO',
    'A log file for each worker. AUTO: as try_to_split_multiple_workers of the module.',
  ),
}

const MOST_TASKS = 4_000_000
const MOST_WEIGHT = 10_000
const MOST_PERCENT = 100_000

/** What one worker or one process of a daemon may take, with all that it starts. */
export const BOUND_KEYS = {
  memory_max: key(
    'memory_max',
    sizeOrAuto,
    'AUTO',
    'Memory that one worker may have, with all it starts: 300M, 2G. Beyond it is killed and started again. AUTO: memory_max of [limits] of mfserv. 0: no limit.',
  ),
  memory_high: key(
    'memory_high',
    sizeOrAuto,
    'AUTO',
    'Memory from which on another worker takes the place of one. No request is lost by it. AUTO: four fifths of memory_max. 0: never.',
  ),
  tasks_max: key(
    'tasks_max',
    orAuto(whole(0, MOST_TASKS)),
    'AUTO',
    'Processes and threads that one worker may have, with all it starts. Beyond it is killed and started again. AUTO: tasks_max of [limits] of mfserv. 0: no limit.',
  ),
}

/** What everything of a plugin may take together. */
export const PLUGIN_BOUND_KEYS = {
  disk_max: key(
    'disk_max',
    sizeOrAuto,
    'AUTO',
    'What the plugin may have on the disk, its data and its temporary files together: 300M, 2G. With more it is named in mfserv.status; nothing is stopped or deleted. AUTO and 0: no limit.',
  ),
  memory_max: key(
    'memory_max',
    sizeOrAuto,
    'AUTO',
    'Memory that all workers and daemons of the plugin may have together: 300M, 2G. Beyond it the largest of them is killed and started again. AUTO and 0: no limit of its own.',
  ),
  tasks_max: key(
    'tasks_max',
    orAuto(whole(0, MOST_TASKS)),
    'AUTO',
    'Processes and threads that all workers and daemons of the plugin may have together. AUTO and 0: no limit of its own.',
  ),
  cpu_weight: key(
    'cpu_weight',
    orAuto(whole(1, MOST_WEIGHT)),
    'AUTO',
    'The share of the processors that the plugin gets where others want them too: 200 is twice what one with 100 gets. AUTO: 100. It needs control groups.',
  ),
  cpu_max: key(
    'cpu_max',
    orAuto(whole(0, MOST_PERCENT)),
    'AUTO',
    'What the plugin may take of the processors at most, in percent of one core: 50, or 200 for two cores. AUTO and 0: no limit. It needs control groups.',
  ),
  io_weight: key(
    'io_weight',
    orAuto(whole(1, MOST_WEIGHT)),
    'AUTO',
    'The share of the disk that the plugin gets where others want it too, as cpu_weight. AUTO: 100. It needs control groups, and an I/O scheduler that has weights.',
  ),
}
