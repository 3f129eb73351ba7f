import { realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

const STICKY = 0o1000
const OF_GROUP_OR_OTHERS = 0o022
const OF_OTHERS = 0o002

/** The directory for compiled code that bin/mfserv names, where nobody else can have written it. What this starts uses it by Node. */
export function keptCode(): string | undefined {
  const { MFSERV_KEPT_CODE: directory = '', MFSERV_KEPT_INSIDE: inside = '' } = process.env
  delete process.env['MFSERV_KEPT_CODE']
  delete process.env['MFSERV_KEPT_INSIDE']
  if (directory === '' || !isOurs(directory, inside)) return undefined
  process.env['NODE_COMPILE_CACHE'] = directory
  return directory
}

/**
 * Whether only we, or root, can have put a file into the directory or can exchange it. Of what is above `inside` only the owner
 * counts, and that not everybody may write.
 */
function isOurs(directory: string, inside: string): boolean {
  const us = process.geteuid?.()
  try {
    const top = realpathSync(inside)
    for (let place = realpathSync(directory); place !== '/'; place = dirname(place)) {
      const { uid, mode } = statSync(place)
      const isInside = place === top || place.startsWith(`${top}/`)
      if (uid !== us && (isInside || uid !== 0)) return false
      if (isInside ? (mode & OF_GROUP_OR_OTHERS) !== 0 : (mode & STICKY) === 0 && (mode & OF_OTHERS) !== 0) return false
    }
    return true
  } catch {
    // Nothing is there, or nobody may look: then nothing is taken.
    return false
  }
}
