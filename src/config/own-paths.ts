/** The body of the 404 for unclaimed URLs. */
export const UNCLAIMED = '/__mfserv_unclaimed'
/** Where nginx finds out why a plugin gets no requests, and the page that an administrator has for its visitors. */
export const ASIDE = '/__mfserv_aside'
export const MAINTENANCE_PAGE = '/__mfserv_maintenance'
/** Below it, what nginx answers itself, by its form. */
export const FACE = '/__mfserv_face'
/** Locations of nginx for requests that found no worker (`held`, `paused`, `failing`), or ended those that took them. */
export const FACES_OF_HOLD = {
  held: '@mfserv_held',
  paused: '@mfserv_paused',
  failing: '@mfserv_failing',
  ended: '@mfserv_ended',
} as const
export type FaceOfHold = keyof typeof FACES_OF_HOLD
/** Where nginx asks the daemon what a developer is told; and the locations for what is nothing for one. */
export const DEVELOPER = '/__mfserv_developer'
export const NOT_FOR_DEVELOPERS = { failing: '@mfserv_face', unclaimed: '@mfserv_unclaimed' } as const
export const OWN_FILES = '/__mfserv/'
export const PLUGIN_LIST = '/__mfserv/plugins.json'

/** URLs that mfserv answers itself, besides its files and the health location. */
export const OWN_PATHS: readonly string[] = [
  ...['/status', '/uuid', '/__mfserv'],
  ...[UNCLAIMED, ASIDE, MAINTENANCE_PAGE, FACE, DEVELOPER],
]

/** nginx refuses a second location for one URL, so a setting may not name one of these. */
export function isOwnPath(path: string): boolean {
  return OWN_PATHS.includes(path) || path.startsWith(OWN_FILES) || path.startsWith(`${FACE}/`)
}
