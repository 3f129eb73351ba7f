import type { PluginRoutes, Routes } from '../../desired/desired.ts'
import { Problem } from '../../problem.ts'
import type { RenderProblem } from '../check.ts'
import type { NginxMachine } from '../machine.ts'
import { block, comment, type NginxText, nginx, verbatim } from '../quote.ts'

/** The modules, where they are no part of nginx itself. They have to stand before everything else. */
export function luaModules({ plugins }: Routes, { lua }: NginxMachine): readonly NginxText[] {
  if (!plugins.some(usesLua) || lua === undefined) return []
  return lua.modules.map((file) => nginx`load_module ${file};`)
}

/** Of the http block: where Lua finds files, and what each nginx worker runs first. */
export function luaSettings({ plugins }: Routes, { lua }: NginxMachine): readonly (NginxText | undefined)[] {
  const users = plugins.filter(usesLua)
  if (users.length === 0 || lua === undefined) return []
  const directories = [...users.flatMap((plugin) => plugin.lua?.directories ?? []), ...lua.directories].filter(isPlain)
  const path = directories.map((directory) => `${directory}/?.lua`).join(';')
  const scripts = users.flatMap(({ plugin, lua: own }) => (own?.init === undefined ? [] : [runOf(plugin, own.init)]))
  return [
    // nginx keeps compiled Lua until it is reloaded, which it is when this line changes.
    ...users.map(({ plugin, lua: own }) => comment(`Lua of ${plugin}: ${own?.version ?? ''}`)),
    nginx`lua_package_path ${`${path};;`};`,
    scripts.length === 0
      ? undefined
      : block(nginx`init_worker_by_lua_block`, [verbatim(RUN), ...scripts.map((script) => verbatim(script))]),
  ]
}

export function luaProblems({ plugins }: Routes, { lua }: NginxMachine): readonly RenderProblem[] {
  if (lua !== undefined && lua.needsRestart !== true) return []
  const [message, fix] = lua === undefined ? MISSING : NOT_LOADED
  return plugins.filter(usesLua).map(({ plugin, lua: own }) => {
    const where = own === undefined ? undefined : { file: own.file }
    return { plugin, problem: new Problem('TOOL_MISSING', message, fix, where) }
  })
}

const MISSING = [
  'the nginx of this machine has no Lua module, which this file needs',
  'Install it: mfserv setup --with lua (without root it is unpacked into the runtime home), or apt install libnginx-mod-http-lua. Then run mfserv.start or make develop.',
] as const
const NOT_LOADED = [
  'this file needs the Lua module of nginx, which was unpacked after nginx had been started',
  'Run mfserv.stop and mfserv.start.',
] as const

function usesLua({ lua }: PluginRoutes): boolean {
  return lua !== undefined
}

/** The list of directories has no escapes. */
function isPlain(directory: string): boolean {
  return !/[;?$"\\\x00-\x1f\x7f]/.test(directory)
}

/** What is wrong in the code of one plugin is logged, and stops no other. */
const RUN = `local function run(name, lines)
  local chunk, why = loadstring(table.concat(lines), name)
  local done = false
  if chunk then done, why = pcall(chunk) end
  if not done then ngx.log(ngx.ERR, "init_worker of the plugin: ", tostring(why)) end
end`

function runOf(plugin: string, { file, text }: { readonly file: string; readonly text: string }): string {
  const lines = text.split('\n').flatMap((line) => piecesOf(`${line}\n`))
  return [`-- ${plugin}`, `run(${luaText(`@${file}`)}, {`, ...lines.map((line) => `  ${luaText(line)},`), '})'].join('\n')
}

/** nginx reads no longer word than 4096 bytes, and each byte may be written as four. */
function piecesOf(line: string): readonly string[] {
  return line.match(/[\s\S]{1,250}/gu) ?? []
}

function luaText(text: string): string {
  const bytes = [...new TextEncoder().encode(text)]
  const written = bytes.map((byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\${String(byte).padStart(3, '0')}`,
  )
  return `"${written.join('')}"`
}
