import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { NginxMachine } from '../../nginx/machine.ts'
import type { Paths } from '../home/paths.ts'

/** Where it is unpacked. */
export function luaRoot(paths: Paths): string {
  return join(paths.opt, 'nginx-lua')
}

const MODULE = 'ngx_http_lua_module.so'

/** The Lua of an nginx that describes itself so: built in, or beside it. Undefined where there is none. */
export function luaOf(described: string, paths: Paths): NginxMachine['lua'] {
  if (/--add-module=\S*lua/i.test(described)) return { modules: [], directories: [] }
  const own = /--modules-path=(\S+)/.exec(described)?.[1] ?? '/usr/lib/nginx/modules'
  const unpacked = [join(paths.opt, 'nginx'), luaRoot(paths)].map((root) => ({
    modules: join(root, 'usr/lib/nginx/modules'),
    directories: [join(root, 'usr/share/lua/5.1')],
  }))
  const found = [{ modules: own, directories: [] }, ...unpacked].find(({ modules }) => existsSync(join(modules, MODULE)))
  if (found === undefined) return undefined
  const modules = ['ndk_http_module.so', MODULE].map((name) => join(found.modules, name))
  return { modules: modules.filter((file) => existsSync(file)), directories: found.directories }
}
