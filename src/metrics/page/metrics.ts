import type { Metric } from './metric.ts'

/** Everything that is told, by its name. The page is made in this order, and docs/reference/metrics.md lists exactly these. */
export const METRICS = {
  mfserv_requests: counter('Requests that were answered, by who answered them and by status.', 'plugin', 'app', 'kind', 'status'),
  mfserv_request_duration_seconds: {
    type: 'histogram',
    labels: ['plugin', 'app'],
    help: 'Seconds from the first byte of a request to the last of its answer, websockets left out.',
  },
  mfserv_request_bytes: counter('Bytes of requests, their headers included.', 'plugin', 'app'),
  mfserv_response_bytes: counter('Bytes of answers, their headers included.', 'plugin', 'app'),
  mfserv_access_log_enabled: gauge(
    '1 where nginx writes the access log that requests are counted from, 0 with [nginx] logging = 0.',
  ),
  mfserv_access_log_of_its_own: gauge(
    '1 for a plugin whose fragment has an access_log of its own: its requests there are not counted.',
    'plugin',
  ),
  mfserv_access_log_losses: counter('Times that a part of the access log was gone before it was counted.'),
  mfserv_access_log_unreadable_lines: counter('Lines of the access log that are no request, such as torn ones.'),
  mfserv_access_log_unread_bytes: gauge('Bytes of the access log that are not counted yet.'),

  mfserv_build_info: gauge('1, with the version of mfserv and of the Node that it runs on.', 'version', 'node'),
  mfserv_daemon_up: gauge('1 while the mfserv daemon answers. Without it what follows from its status is absent.'),
  mfserv_daemon_start_time_seconds: gauge('When the daemon started, in seconds since 1970.'),
  mfserv_daemon_longest_round_seconds: gauge('The longest of the last rounds of the daemon.'),
  mfserv_status: gauge('1 for the present status of mfserv, 0 for the others.', 'status'),
  mfserv_problems: gauge('Errors and warnings about mfserv itself that mfserv.status shows.'),

  mfserv_plugin_info: gauge('1 for each plugin, with its version and release.', 'plugin', 'version', 'release'),
  mfserv_plugin_state: gauge('1 for the present state of a plugin, 0 for the others.', 'plugin', 'state'),
  mfserv_plugin_problems: gauge('Errors and warnings about a plugin that mfserv.status shows.', 'plugin'),
  mfserv_workers: gauge('Workers by what they are at. The app of a daemon is @ and its name.', 'plugin', 'app', 'state'),
  mfserv_workers_leaving: gauge('Old workers that finish their requests.', 'plugin'),
  mfserv_worker_restarts: counter('Workers that others have taken the place of, by why.', 'plugin', 'app', 'cause'),
  mfserv_held_requests: gauge('Requests that wait for a worker now.', 'plugin', 'app'),
  mfserv_changes: counter('Hot swaps, rollbacks and restarts of a plugin, by what came of them.', 'plugin', 'change', 'outcome'),

  mfserv_process_resident_memory_bytes: gauge(
    'Memory of a worker with all that it started. Of mfserv itself the plugin is #core#.',
    'plugin',
    'app',
    'slot',
  ),
  mfserv_process_cpu_seconds: counter('Processor time of a worker with all that it started.', 'plugin', 'app', 'slot'),
  mfserv_plugin_resident_memory_bytes: gauge('Memory of all workers and daemons of a plugin.', 'plugin'),

  mfserv_cron_job_info: gauge('1 for each line of a crontab, with its number and schedule.', 'plugin', 'job', 'line', 'schedule'),
  mfserv_cron_runs: counter('Due times of a cron job, by what came of them.', 'plugin', 'job', 'result'),
  mfserv_cron_running: gauge('1 while a cron job runs.', 'plugin', 'job'),
  mfserv_cron_last_end_timestamp_seconds: gauge('When the last run of a cron job ended.', 'plugin', 'job'),
  mfserv_cron_last_duration_seconds: gauge('How long the last run of a cron job took.', 'plugin', 'job'),
  mfserv_cron_next_timestamp_seconds: gauge('When a cron job is due next.', 'plugin', 'job'),

  mfserv_certificate_not_before_timestamp_seconds: gauge(
    'From when on a certificate that nginx has is valid.',
    'section',
    'file',
  ),
  mfserv_certificate_not_after_timestamp_seconds: gauge('Until when a certificate that nginx has is valid.', 'section', 'file'),

  mfserv_disk_size_bytes: gauge('Size of the file system of the runtime home.'),
  mfserv_disk_free_bytes: gauge('What mfserv may still write there.'),
  mfserv_disk_free_files: gauge('How many more files can be made there.'),
  mfserv_logs_bytes: gauge('Size of all logs, rotated ones included.'),

  mfserv_nginx_up: gauge('1 while nginx runs.'),
  mfserv_nginx_reloads: counter('Reloads of nginx since the daemon started.'),
  mfserv_nginx_connections: gauge('Connections of clients by what nginx does with them.', 'state'),
  mfserv_nginx_connections_accepted: counter('Connections that nginx took since it started.'),
  mfserv_nginx_connections_handled: counter('Those of them that it had room for.'),

  mfserv_traces_exported: counter('Spans that the OpenTelemetry collector took since this process started.'),
  mfserv_traces_dropped: counter('Spans that it did not, since this process started: it was down, or too slow.'),
} as const satisfies Readonly<Record<string, Metric>>

export type MetricName = keyof typeof METRICS

function counter(help: string, ...labels: readonly string[]): Metric {
  return { type: 'counter', help, labels }
}

function gauge(help: string, ...labels: readonly string[]): Metric {
  return { type: 'gauge', help, labels }
}
