import { shaped } from '../value.ts'
import { setting } from './setting.ts'

const ENDPOINT = /^https?:\/\/[^\s/?#]+(\/[^\s?#]*)?$/
const LISTEN = /^((\[[0-9a-fA-F:.]+\]|[\w.-]+):)?\d{1,5}$/

/** `[metrics]`. */
export const METRICS_SETTINGS = {
  listen: setting(
    shaped(LISTEN, 'a port of this machine such as 9118, or an address and a port such as 10.1.2.3:9118, or null'),
    'null',
    'Where /metrics answers: a port, for this machine alone, or ADDRESS:PORT. null: nowhere, and nothing is counted.',
  ),
  statsd: setting(
    shaped(LISTEN, 'a port of this machine such as 18127, or an address and a port such as 10.1.2.3:18127, or null'),
    'null',
    'Where each request is told by UDP, as MFSERV told Telegraf: request_counter and request_timer. A port, or ADDRESS:PORT. null: nowhere.',
  ),
  otlp: setting(
    shaped(ENDPOINT, 'the URL of a collector such as http://127.0.0.1:4318, or null'),
    'null',
    'An OpenTelemetry collector that gets a span of each request, by OTLP over HTTP in JSON, at /v1/traces below this URL. null: none. With it, add_traceparent_header of [nginx] counts as 1.',
  ),
} as const
