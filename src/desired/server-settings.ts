import type { Config } from '../config/config.ts'
import type { ServerSettings } from './desired.ts'
import type { ServedCertificate } from './tls/tls-settings.ts'

/** The settings that reach nginx.conf. `certificates`: the files that nginx is to read; none for who asks for something else. */
export function serverSettings(
  { settings, texts, errorPage }: Config,
  certificates: readonly ServedCertificate[] = [],
): ServerSettings {
  const { nginx, log, metrics, debug, internal_plugins: internal } = settings
  const written = texts.get('nginx')?.get('listen')?.from
  const where = written?.layer === 'built-in' ? undefined : written?.where
  return {
    port: nginx.port,
    httpsPort: nginx.https_port,
    listen: nginx.listen.map((listener) => ({ ...listener, where })),
    tls: {
      certificates,
      ciphers: nginx.ssl_ciphers,
      protocols: nginx.ssl_protocols,
      http2: nginx.http2,
      http3: nginx.http3,
      hstsSeconds: nginx.hsts_max_age,
      redirect: nginx.https_redirect,
      challenges: settings.acme.names.length > 0,
    },
    workers: nginx.workers,
    timeoutSeconds: nginx.timeout,
    uploadMaxBodySizeMb: nginx.upload_max_body_size,
    accessLog: nginx.logging,
    debugLog: log.minimal_level === 'DEBUG',
    addRequestIdHeader: nginx.add_request_id_header,
    acceptIncomingRequestIdHeader: nginx.accept_incoming_request_id_header,
    trace: nginx.add_traceparent_header || metrics.otlp !== '',
    addXForwardedHeaders: nginx.add_x_forwarded_headers,
    healthLocation: nginx.health_location === '' ? undefined : nginx.health_location,
    healthAccessLog: nginx.health_access_log,
    ignoreClientAbort: nginx.proxy_ignore_client_abort,
    serverTokens: nginx.server_tokens,
    portInRedirect: nginx.port_in_redirect,
    realIp: nginx.real_ip
      ? { header: nginx.real_ip_header, recursive: nginx.real_ip_recursive, from: nginx.real_ip_set_from }
      : undefined,
    uuidExtraAllows: nginx.uuid_endpoint_extra_allows,
    pluginListExtraAllows: nginx.plugin_list_extra_allows,
    welcome: internal.install_welcome,
    ...(errorPage === undefined ? {} : { errorPage }),
    debugAllow: debug.allow,
  }
}
