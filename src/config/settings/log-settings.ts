import { flag, leftOut, oneOf, type Read, shaped, text, whole, wholeOrNone } from '../value.ts'
import { BYTES, SECONDS, setting } from './setting.ts'

const DAYS = 36_500
const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const

const SEND_TO = /^(journald|syslog:(\/[^\s:]+|(\[[0-9a-fA-F:.]+\]|[\w.-]+):\d{1,5}))$/

/** AUTO was null in the original where there was no admin server. */
const fileOrNone: Read<string> = (written) => text(written === 'AUTO' ? 'null' : written)

/** A file that mfserv cannot write, or that everybody may write to, is no log. */
const rights: Read<number> = (written) =>
  /^0?6[04][04]$/.test(written) ? { value: Number.parseInt(written, 8) } : { expected: '0600, 0640 or 0644' }

const rotation = { unlessPositive: 'null or less than 1 means no limit.' }

/** The section [log]. */
export const LOG_SETTINGS = {
  minimal_level: setting(oneOf(...LEVELS), 'INFO', `The least severe lines that are written: ${LEVELS.join(', ')}.`, {
    takesEffect: 'new workers',
  }),
  max_size_before_rotation: setting(
    wholeOrNone(BYTES),
    '104857600',
    `Size in bytes at which a log file is rotated. ${rotation.unlessPositive}`,
  ),
  max_age_before_rotation: setting(
    wholeOrNone(DAYS * SECONDS),
    '86400',
    `Age in seconds at which a log file is rotated. ${rotation.unlessPositive}`,
  ),
  number_of_rotated_files: setting(whole(1, 1000), '5', 'How many files of one log are kept, the one in use included.'),
  max_size_per_plugin: setting(
    wholeOrNone(BYTES),
    '1073741824',
    `Size in bytes that all logs of one plugin may have together, and those of nginx and mfserv: beyond it the oldest rotated files go. ${rotation.unlessPositive}`,
  ),
  max_size_in_total: setting(
    wholeOrNone(BYTES),
    '10737418240',
    `Size in bytes that all logs may have together: beyond it the oldest rotated files go of whoever has most. ${rotation.unlessPositive}`,
  ),
  chmod: setting(
    rights,
    '0600',
    'Rights, in octal, of a json_file outside of log/, such as 0640 for the group of a program that collects logs. The files in log/ are for the user of mfserv alone: nobody else can enter that directory.',
  ),
  try_to_split_stdout_stderr: setting(
    flag,
    '0',
    'Files of their own for what workers and daemons write to stdout and to stderr, .stdout and .stderr instead of .log. Workers are replaced when it changes.',
  ),
  try_to_split_multiple_workers: setting(
    flag,
    '0',
    'A log file for each worker of an app and each process of a daemon, with _workerN in its name. Workers are replaced when it changes.',
  ),
  json_file: setting(
    fileOrNone,
    'null',
    'A file that all log records are added to as JSON, one on each line, but for the requests of nginx_access.log, which is JSON itself; in log/ unless its path is absolute. mfserv rotates it if it is in log/ and its name ends with .log.',
  ),
  json_minimal_level: setting(oneOf(...LEVELS), 'WARNING', 'The least severe records in json_file.'),
  send_to: setting(
    shaped(SEND_TO, 'journald, syslog:/dev/log, or syslog:HOST:PORT, or null'),
    'null',
    'Where log records are sent besides: journald, syslog:/dev/log (a socket of this machine) or syslog:HOST:PORT (RFC 5424 over UDP), requests included.',
  ),
  send_minimal_level: setting(oneOf(...LEVELS), 'INFO', 'The least severe records for send_to.'),
  mfadmin_flag: setting(text, 'AUTO', 'Send log records to an admin server.', leftOut('there is no admin server')),
  mfadmin_minimal_level: setting(
    oneOf(...LEVELS),
    'WARNING',
    'The least severe records for the admin server.',
    leftOut('there is no admin server'),
  ),
} as const
