import type { Fragment, Plugin } from '../plugin.ts'

/** What only an nginx with Lua knows. */
const LUA = /(?:^|[\s;{}])(?:\w+_by_lua(?:_block|_file)?|lua_\w+)(?=\s)/

/** The first fragment of a plugin that needs Lua in nginx. */
export function luaFragment({ fragments, apps }: Plugin): Fragment | undefined {
  const { http, server, initWorker } = fragments
  const texts = [http, server, ...apps.flatMap((app) => [app.fragments.app, app.fragments.static])]
  return initWorker ?? texts.find((fragment) => fragment !== undefined && LUA.test(withoutComments(fragment.text)))
}

function withoutComments(text: string): string {
  return text.replaceAll(/^\s*#.*$/gm, '')
}
