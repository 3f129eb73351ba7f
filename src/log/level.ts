export const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const
export type Level = (typeof LEVELS)[number]

/** What loggers of other languages call them. */
const NAMES: Readonly<Record<string, Level>> = {
  TRACE: 'DEBUG',
  VERBOSE: 'DEBUG',
  DEBUG: 'DEBUG',
  INFO: 'INFO',
  NOTICE: 'INFO',
  WARN: 'WARNING',
  WARNING: 'WARNING',
  DEPRECATED: 'WARNING',
  ERROR: 'ERROR',
  ERR: 'ERROR',
  SEVERE: 'ERROR',
  CRIT: 'CRITICAL',
  CRITICAL: 'CRITICAL',
  ALERT: 'CRITICAL',
  EMERG: 'CRITICAL',
  FATAL: 'CRITICAL',
  PANIC: 'CRITICAL',
}

export function levelNamed(word: string): Level | undefined {
  return NAMES[word.toUpperCase()]
}

/** pino and bunyan: 10 for trace to 60 for fatal. */
export function levelNumbered(number: number): Level | undefined {
  if (number < 10 || number > 60) return undefined
  return LEVELS[Math.max(0, Math.floor(number / 10) - 2)]
}

export function isAtLeast(level: Level, least: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(least)
}
