import type { PluginRoutes } from '../../desired/desired.ts'
import type { Visitors } from '../../desired/visitors.ts'
import type { Claim } from '../claims.ts'
import { hiddenNames, isForVisitors, restOf } from '../files/visitors.ts'
import { type BackendHeader, map } from '../headers.ts'
import { type NginxText, nginx, within } from '../quote.ts'
import { upstreamName } from '../upstream.ts'

/** Where nginx finds the files beside the scripts of an app. No client can ask for it. */
export function filesPath(plugin: string, app: string): string {
  return `/__mfserv/files/${upstreamName(plugin, app)}`
}

/** The rules of the location of a PHP app with more in its directory than the scripts that visitors ask for. */
export function scriptRules(claim: Claim): readonly NginxText[] {
  const { visitors, front, kind } = claim.app
  if (visitors === undefined || kind !== 'fastcgi') return []
  return [
    nginx`if ($mfserv_hidden_file) { return 404; }`,
    ...restOf(claim.path),
    ...hiddenNames(visitors),
    // Packages are loaded by scripts, never asked for.
    ...(front === undefined
      ? [nginx`if ($mfserv_rest ~ "^/vendor(?:/|\z)") { return 404; }`]
      : frontRules(claim, visitors, front)),
  ]
}

/**
 * They work out which script answers: one that the URL names, that of a directory, or the front controller. What PHP is told
 * of it is kept in variables, where the second try finds it. The path of the script is the real one: what PHP has compiled of
 * one release is never taken for that of another.
 */
function frontRules({ plugin, app, path }: Claim, visitors: Visitors, front: string): readonly NginxText[] {
  return [
    nginx`set $mfserv_root $realpath_root;`,
    nginx`set $mfserv_found $mfserv_rest;`,
    nginx`if (!-f $request_filename) { set $mfserv_found ""; }`,
    nginx`if ($mfserv_found ~* ${isForVisitors(visitors)}) { rewrite ^ "${within(filesPath(plugin, app.app))}$mfserv_rest" last; }`,
    nginx`if ($mfserv_found ~ "(?s)^.+(?<!\.php)\z") { return 404; }`,
    nginx`set $mfserv_named ${`/${front}`};`,
    nginx`set $mfserv_path_info $mfserv_rest;`,
    ...indexOfDirectory(),
    ...scriptInUrl(),
    nginx`if ($mfserv_named ~ "^/vendor/") { return 404; }`,
    nginx`set $mfserv_file "$mfserv_root$mfserv_named";`,
    nginx`set $mfserv_script "${within(path.replace(/\/$/, ''))}$mfserv_named";`,
  ]
}

/** Without its slash it is answered by a redirect, which names no more than the last part of the URL as the client wrote it. */
function indexOfDirectory(): readonly NginxText[] {
  return [
    nginx`set $mfserv_directory "";`,
    nginx`if ($mfserv_rest ~ "(?s)^(?<mfserv_directory>.*?)/*\z") { }`,
    nginx`set $mfserv_how "";`,
    nginx`if (-f $mfserv_root$mfserv_directory/index.php) { set $mfserv_how "$request_method $mfserv_rest"; }`,
    nginx`if ($mfserv_how ~ "(?s)^(?:GET|HEAD) /.*[^/]\z") { return 301 "./$mfserv_last_part/$is_args$args"; }`,
    nginx`if ($mfserv_how) { set $mfserv_named $mfserv_directory/index.php; set $mfserv_path_info ""; }`,
  ]
}

/** `/other.php`, and what stands behind it as in `/index.php/more`. */
function scriptInUrl(): readonly NginxText[] {
  return [
    nginx`set $mfserv_candidate "";`,
    nginx`set $mfserv_more "";`,
    nginx`if ($mfserv_rest ~ "(?s)^(?<mfserv_candidate>/.*?\.php)(?<mfserv_more>/.*)?\z") { }`,
    nginx`if (!-f $mfserv_root$mfserv_candidate) { set $mfserv_candidate ""; }`,
    nginx`if ($mfserv_candidate) { set $mfserv_named $mfserv_candidate; set $mfserv_path_info $mfserv_more; }`,
  ]
}

const TOLD: Readonly<Record<string, string>> = {
  SCRIPT_FILENAME: 'mfserv_file',
  SCRIPT_NAME: 'mfserv_script',
  DOCUMENT_ROOT: 'mfserv_root',
}
export const PATH_INFO: BackendHeader = { name: 'PATH_INFO', variable: 'mfserv_path_info' }

/** The parameter as `frontRules` worked it out. */
export function withFront({ name, variable }: BackendHeader): BackendHeader {
  return { name, variable: TOLD[name] ?? variable }
}

/** For apps with a front controller. */
export function frontVariables(plugins: readonly PluginRoutes[]): readonly NginxText[] {
  if (plugins.every(({ apps }) => apps.every(({ front }) => front === undefined))) return []
  return [map(nginx`$request_uri`, 'mfserv_last_part', [nginx`default "";`, nginx`"~^[^?]*/([^/?]+)(?:\?|$)" $1;`])]
}
