import { Problem } from '../../problem.ts'
import { linkAtomically } from '../disk/atomic.ts'
import type { Paths } from '../home/paths.ts'
import type { Report } from '../process/run-tool.ts'
import { installDebian } from '../programs/debian.ts'
import { luaRoot } from './lua.ts'
import { findNginx } from './program.ts'

/** With what they are made of: what the system has of them already is needed in one place all the same. */
const PACKAGES = ['libnginx-mod-http-lua', 'libnginx-mod-http-ndk', 'lua-resty-core', 'lua-resty-lrucache']

/** Finds the Lua module of nginx, or installs Debian's; without root it is unpacked into the runtime home. Throws the problems of either. */
export async function ensureLua(paths: Paths, report: Report): Promise<void> {
  if (findNginx(paths).machine.lua !== undefined) return
  report('the nginx of this machine has no Lua module')
  const root = await installDebian(PACKAGES, paths, report)
  if (root !== '/') linkAtomically(root, luaRoot(paths))
  if (findNginx(paths).machine.lua !== undefined) return
  const fix = 'Use the nginx of Debian, or one that was built with Lua, such as OpenResty.'
  throw new Problem('BUILD_FAILED', `${PACKAGES.join(', ')} were installed, and nginx does not find the module`, fix)
}
