import { join } from 'node:path'
import { CACHE } from '../image.ts'

/** Who runs mfserv in the machine, as a service of it. */
export const USER = 'user'
/** The runtime home of that service. */
export const HOME = '/home/user/metwork/mfserv'
/** Where the machine has what its second disk brought. */
export const STOCK = '/srv/in'
/** Where this machine mounts the disk of one. Runs may be beside each other: each has its own. */
export const ROOT = join(CACHE, `power-root-${process.pid}`)
/** The disk that is tried. */
export const DISK = join(CACHE, `power-cut-${process.pid}.img`)
