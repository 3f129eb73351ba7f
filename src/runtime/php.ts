import type { Runtime } from './contract.ts'

/** What nginx lets a request wait beyond its timeout, and a little more: it has answered 504 before the script is ended. */
const AFTER_NGINX_SECONDS = 3

/**
 * PHP by php-fpm, one of them with one child for each worker: so PHP apps are replaced, limited and counted like all others.
 * Its configuration, share/php-fpm.conf, takes what differs from these variables.
 */
export const php: Runtime = {
  language: 'php',
  keepAlive: false,
  serves: 'requests',
  gateway: 'fastcgi',
  index: 'index.php',
  readyPath: '/__mfserv_ready',
  entry: 'none',
  facts: {
    language: 'PHP',
    server: 'php-fpm, by FastCGI',
    concurrency: '1',
    timeout: '500 for a script that computes; 504 from nginx, 2 s after timeout, for one that waits; it is ended later',
    debugger: 'who may debug sees the errors in the answer',
    stop: 'SIGTERM when no connection is left, or timeout + 2 s after the swap',
    limits: 'two processes for one worker; no websockets',
  },
  worker: (app, _plugin, place) => ({
    argv: [
      'env',
      `MFSERV_PHP_SOCKET=${place.socket}`,
      place.phpFpm?.path ?? 'php-fpm',
      '--nodaemonize',
      '--force-stderr',
      '--allow-to-run-as-root',
      `--fpm-config=${place.mfservHome}/share/php-fpm.conf`,
      // A URL names a script or its directory, never something behind a script.
      '-dcgi.fix_pathinfo=0',
      // Its errors go into the log of the app, not into that of nginx.
      '-dfastcgi.logging=0',
    ],
    env: {
      ...place.phpFpm?.env,
      MFSERV_PHP_TIMEOUT: String(place.timeout),
      // With a front controller PHP is told the real path of a script, so another release is other scripts.
      MFSERV_PHP_VALIDATE: place.isRelease === true && app.frontController !== undefined ? '0' : '1',
      // Others are told the path that leads to the present release, whichever that is: it is looked at once a second.
      MFSERV_PHP_LOOK_AGAIN: place.isRelease === true && app.frontController === undefined ? '1' : '0',
      MFSERV_PHP_END_AFTER: String(place.timeout + AFTER_NGINX_SECONDS),
    },
  }),
}
