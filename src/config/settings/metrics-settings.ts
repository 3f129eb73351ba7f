import { shaped } from '../value.ts'
import { setting } from './setting.ts'

const LISTEN = /^((\[[0-9a-fA-F:.]+\]|[\w.-]+):)?\d{1,5}$/

/** `[metrics]`. */
export const METRICS_SETTINGS = {
  listen: setting(
    shaped(LISTEN, 'a port of this machine such as 9118, or an address and a port such as 10.1.2.3:9118, or null'),
    'null',
    'Where /metrics answers: a port, for this machine alone, or ADDRESS:PORT. null: nowhere, and nothing is counted.',
  ),
} as const
