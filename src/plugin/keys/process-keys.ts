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
