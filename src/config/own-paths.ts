/** The body of the 404 for unclaimed URLs. */
export const UNCLAIMED = '/__mfserv_unclaimed'
/** Where nginx finds out why a plugin gets no requests, and what it answers then. */
export const ASIDE = '/__mfserv_aside'
export const STOPPED_ANSWER = '/__mfserv_stopped'
export const MAINTENANCE_PAGE = '/__mfserv_maintenance'
export const OWN_FILES = '/__mfserv/'
export const PLUGIN_LIST = '/__mfserv/plugins.json'

/** URLs that mfserv answers itself, besides its files and the health location. */
export const OWN_PATHS: readonly string[] = [
  ...['/status', '/uuid', '/__mfserv'],
  ...[UNCLAIMED, ASIDE, STOPPED_ANSWER, MAINTENANCE_PAGE],
]

/** nginx refuses a second location for one URL, so a setting may not name one of these. */
export function isOwnPath(path: string): boolean {
  return OWN_PATHS.includes(path) || path.startsWith(OWN_FILES)
}
