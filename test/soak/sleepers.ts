import { join } from 'node:path'
import { develop, type World, writeFile } from '../system/world.ts'

/** An app of the soak of sleep: it answers the method and how many bytes came, and writes down each request it was given. */
interface Kind {
  readonly config: string
  readonly file: string
  readonly text: string
}

const NODE = `const fs = require('node:fs')
const server = require('node:http').createServer(async (asked, answer) => {
  let bytes = 0
  for await (const chunk of asked) bytes += chunk.length
  const url = new URL(asked.url, 'http://x')
  // What mfserv asks has no number.
  if (url.searchParams.has('n')) fs.appendFileSync(process.env.MFSERV_CURRENT_PLUGIN_DATA_DIR + '/seen', url.searchParams.get('n') + '\\n')
  answer.end(asked.method + ' ' + bytes)
})
server.listen(process.argv[2])
process.on('SIGTERM', () => server.close(() => process.exit()))
`

const WSGI = `import os
from urllib.parse import parse_qs


def application(environ, start_response):
    body = environ["wsgi.input"].read()
    number = parse_qs(environ["QUERY_STRING"]).get("n")
    if number:
        with open(os.environ["MFSERV_CURRENT_PLUGIN_DATA_DIR"] + "/seen", "a") as seen:
            seen.write(number[0] + "\\n")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['REQUEST_METHOD']} {len(body)}".encode()]
`

export const KINDS: Readonly<Record<string, Kind>> = {
  node: { config: 'type=node\nmain_arg=server.js\n', file: 'main/server.js', text: NODE },
  python: { config: 'type=python3_sync\nmain_arg=main.wsgi:application\n', file: 'main/wsgi.py', text: WSGI },
  sticky: { config: 'type=node\nmain_arg=server.js\nsticky=1\n', file: 'main/server.js', text: NODE },
  port: { config: 'type=command\nmain_arg=node main/server.js {port}\n', file: 'main/server.js', text: NODE },
}

/** So many plugins of each kind that sleep after a second; answers their names. */
export async function haveSleepers(world: World, each: number): Promise<readonly string[]> {
  const general = '[general]\nversion=1\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\n'
  const names: string[] = []
  for (const [kind, { config, file, text }] of Object.entries(KINDS)) {
    for (let number = 1; number <= each; number += 1) {
      const name = `${kind}${number}`
      const home = join(world.home, 'sources', name)
      writeFile(join(home, '.layerapi2_label'), `plugin_${name}@mfserv\n`)
      writeFile(join(home, 'config.ini'), `${general}[app_main]\n${config}workers=0..2\nsleep_after=1\n`)
      writeFile(join(home, 'main/__init__.py'), '')
      writeFile(join(home, file), text)
      await develop(world, home)
      names.push(name)
    }
  }
  return names
}

export function kindOf(name: string): string {
  return name.replace(/\d+$/, '')
}
