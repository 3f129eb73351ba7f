import type { AppRoutes } from '../../desired/desired.ts'
import { type NginxText, nginx } from '../quote.ts'
import { hiddenNames, isForVisitors, restOf } from './visitors.ts'

/** What a page loads. Where it is missing, a page in its place would be an error that is hard to read. */
const ASSET = nginx`\.(?:css|js|mjs|cjs|map|wasm|json|webmanifest|xml|txt|csv|pdf|zip|gz|ico|svg|png|jpe?g|gif|webp|avif|bmp|woff2?|ttf|otf|eot|mp[34]|m4[av]|webm|og[agv]|wav|flac|vtt)\z`

/** Which files of an app are served, and what is where there is none. `path` of the location, with its slash. */
export function choiceOfFile(app: AppRoutes, path: string): readonly NginxText[] {
  const { visitors, fallback } = app
  if (visitors === undefined) return fallback === undefined ? [] : whetherFound(app)
  return [
    ...restOf(path),
    ...hiddenNames(visitors),
    ...(fallback === undefined ? [] : whetherFound(app)),
    nginx`set $mfserv_is_shown "";`,
    nginx`if (-d $request_filename) { set $mfserv_is_shown 1; }`,
    nginx`if ($mfserv_rest ~* ${isForVisitors(visitors)}) { set $mfserv_is_shown 1; }`,
    fallback === undefined
      ? nginx`if ($mfserv_is_shown = "") { return 404; }`
      : nginx`if ($mfserv_is_shown = "") { set $mfserv_is_found ""; }`,
  ]
}

/** Behind all other rules: it leads out of the location, and into it again. The file itself may be missing, and then is. */
export function fallbackRules({ fallback }: AppRoutes, path: string): readonly NginxText[] {
  if (fallback === undefined) return []
  const target = `${path}${fallback}`
  return [
    nginx`if ($uri = ${target}) { set $mfserv_is_found 1; }`,
    nginx`if ($uri ~* "${ASSET}") { set $mfserv_is_found "$mfserv_is_found, an asset"; }`,
    nginx`if ($mfserv_is_found = ", an asset") { return 404; }`,
    nginx`if ($mfserv_is_found = "") { rewrite ^ ${target} last; }`,
  ]
}

/** A directory counts when it shows something. */
function whetherFound({ lists }: AppRoutes): readonly NginxText[] {
  return [
    nginx`set $mfserv_is_found "";`,
    nginx`if (-f $request_filename) { set $mfserv_is_found 1; }`,
    lists === true
      ? nginx`if (-d $request_filename) { set $mfserv_is_found 1; }`
      : nginx`if (-f $request_filename/index.html) { set $mfserv_is_found 1; }`,
  ]
}
