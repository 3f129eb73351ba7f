import assert from 'node:assert/strict'
import { join } from 'node:path'
import { execute, type World, writeFile } from '../world.ts'

/** As `make release` of MFSERV 2.x wrote it: no checksums, the later dialect, a free command line. */
export async function originalFile(world: World): Promise<string> {
  const root = join(world.home, 'original/metwork_plugin')
  const files = {
    '.layerapi2_label': 'plugin_legacy@mfserv\n',
    '.layerapi2_dependencies': 'python3@mfext\nroot@mfserv\n',
    '.plugin_format_version': '2.3.10\n',
    'config.ini': LATER_CONFIG,
    'main/serve.py': LATER_SERVER,
  }
  for (const [name, text] of Object.entries(files)) writeFile(join(root, name), text)
  const paths = Object.keys(files).map((name) => `metwork_plugin/${name}`)
  const metadata = { version: '3.1', release: '2', build_host: 'old', build_date: '2023-05-06T07:08:09Z', size: '1000' }
  const words = { summary: 's', license: 'l', packager: 'p', vendor: 'v', url: 'u' }
  writeFile(join(root, '.metadata.json'), JSON.stringify({ ...metadata, ...words }))
  writeFile(join(root, '.files.json'), JSON.stringify(paths))
  const file = join(world.home, 'legacy-3.1-2.metwork.mfserv.plugin')
  const ran = await execute('tar', ['czf', file, 'metwork_plugin'], { in: join(world.home, 'original') })
  assert.equal(ran.code, 0, ran.stderr)
  return file
}

const LATER_CONFIG = `[general]
_version = 3.1
_release = 2
_summary = from before
_license = BSD
_url = http://example.org
_maintainer = Somebody
_vendor = Vendor

[app_main]
_cmd_and_args = python3 {plugin_dir}/{app_name}/serve.py {unix_socket_path} {timeout}
numprocesses = 1
`

const LATER_SERVER = `import socketserver, sys
from http.server import BaseHTTPRequestHandler

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"Hello from 2.x")

    def address_string(self):
        return "nginx"

socketserver.ThreadingUnixStreamServer(sys.argv[1], Handler).serve_forever()
`
