import { ASIDE, FACES_OF_HOLD, MAINTENANCE_PAGE } from '../../config/own-paths.ts'
import type { NginxPaths, Routes } from '../../desired/desired.ts'
import { ASIDE_FOR_ALL } from '../../plugin/aside.ts'
import { unavailable } from '../faces/faces.ts'
import { freshLooks } from '../files/open-files.ts'
import { map, requestIdForClient } from '../headers.ts'
import { bare, block, type NginxText, nginx, within } from '../quote.ts'

/** How long nginx waits for the word that files may be served: longer than any request may wait. */
const LONGEST_WAIT_SECONDS = 3700

/**
 * Stands in every location of a plugin: one look, and while there is something no request goes further. So stopping, maintenance
 * and pauses need no reload of nginx. Requests for an app that is paused go on to the hold, behind all that its fragment says
 * about who may ask; those for files wait where this leads, and come to their location again. There they look nowhere: nginx may
 * remember for a second that there was something.
 */
export function unlessAside(plugin: string, serves: 'files' | 'requests'): NginxText {
  const mark = within(serves === 'files' ? plugin : `${plugin}${ASIDE_FOR_ALL}`)
  return nginx`if (-f "$mfserv_marks/${mark}") { set $mfserv_paused_uri $uri; rewrite ^ ${ASIDE} last; }`
}

/** What is answered for a plugin that gets no requests. Each is a location of its own, so that its type is not that of the URL. */
export function asideLocations({ server, paths, plugins }: Routes): readonly NginxText[] {
  if (plugins.every(({ apps }) => apps.length === 0)) return []
  return [
    reasons(paths),
    block(nginx`location @mfserv_maintenance`, [...retryAfter(paths), ...unavailable('maintenance')]),
    block(nginx`location = ${MAINTENANCE_PAGE}`, [
      nginx`internal;`,
      nginx`types { }`,
      nginx`default_type text/html;`,
      nginx`charset utf-8;`,
      nginx`add_header Cache-Control no-store always;`,
      requestIdForClient(server),
      ...retryAfter(paths),
      nginx`add_header Retry-After $mfserv_retry_after always;`,
      nginx`rewrite ^ /page.html break;`,
    ]),
    block(nginx`location @mfserv_resumed`, [nginx`set $mfserv_marks "";`, nginx`rewrite ^ $mfserv_paused_uri last;`]),
  ]
}

export function asideVariables({ asideDirectory }: NginxPaths): readonly NginxText[] {
  return [
    map(nginx`""`, 'mfserv_marks', [nginx`default ${asideDirectory};`]),
    // The page of an administrator is for browsers.
    map(nginx`$mfserv_format`, 'mfserv_maintenance', [nginx`default @mfserv_maintenance;`, nginx`html ${MAINTENANCE_PAGE};`]),
  ]
}

/** Looks why, for the few requests that come here. Where it is no more than a pause, the daemon says when the files may be served. */
function reasons(paths: NginxPaths): NginxText {
  const maintenance = placeIn(paths.maintenanceDirectory)
  return block(nginx`location = ${ASIDE}`, [
    nginx`internal;`,
    ...freshLooks(),
    block(nginx`if (-f "${placeIn(paths.stoppedDirectory)}")`, unavailable('stopped')),
    nginx`if (-f "${maintenance}/page.html") { error_page 503 $mfserv_maintenance; return 503; }`,
    nginx`if (-d "${maintenance}") { error_page 503 @mfserv_maintenance; return 503; }`,
    nginx`error_page 502 504 = ${bare(FACES_OF_HOLD.paused)};`,
    nginx`proxy_pass ${`http://unix:${paths.pauseSocket}:/`};`,
    nginx`proxy_method GET;`,
    nginx`proxy_pass_request_headers off;`,
    nginx`proxy_pass_request_body off;`,
    nginx`proxy_set_header Content-Length "";`,
    nginx`proxy_set_header X-Mfserv-Plugin $mfserv_plugin;`,
    nginx`proxy_next_upstream off;`,
    nginx`proxy_read_timeout ${LONGEST_WAIT_SECONDS}s;`,
  ])
}

/** The seconds stand in the name of what the link of the plugin leads to. */
function retryAfter({ maintenanceDirectory }: NginxPaths): readonly NginxText[] {
  return [nginx`root "${placeIn(maintenanceDirectory)}";`, nginx`if ($realpath_root ~ "\.(?<mfserv_retry_after>[0-9]+)\z") { }`]
}

function placeIn(directory: string): NginxText {
  return nginx`${within(directory)}/$mfserv_plugin`
}
