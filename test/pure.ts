/**
 * What decides and acts on nothing, from the ground up: test/boundaries.test.ts holds it to that, and `make mutate` tries small wrong
 * changes of each of these folders.
 */
export const PURE_FOLDERS: readonly string[] = [
  'worker',
  'bounds',
  'config',
  'cron',
  'receipt',
  'log',
  'metrics',
  'runtime',
  'plugin',
  'template',
  'adopt',
  'package',
  'desired',
  'nginx',
  'plan',
  'doctor',
  'service',
  'backup',
]
