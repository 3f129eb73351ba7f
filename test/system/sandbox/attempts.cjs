/** What a plugin tries that is none of its business, and what it is to be able to do: run in a worker, a daemon or a cron job. */
const fs = require('node:fs')
const net = require('node:net')
const { join } = require('node:path')

/** What came of it: `refused` and why, or `done`. */
async function tried(attempt) {
  try {
    await attempt()
    return 'done'
  } catch (error) {
    return `refused: ${error.code ?? error.message}`
  }
}

function connect(path) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(path, () => resolve(socket.destroy()))
    socket.on('error', reject)
  })
}

/** `facts`: where the home is, and the processes that are not its own. */
exports.attempts = async ({ home, daemon, neighbour, nginx, outside, url }) => {
  const at = (...parts) => join(home, ...parts)
  const read = (path) => () => fs.readFileSync(path)
  const write = (path) => () => fs.writeFileSync(path, 'x')
  const wrong = {
    'the files of another plugin': read(at('neighbour/config.ini')),
    'another plugin by its entry': read(at('var/plugins/neighbour/config.ini')),
    'the data of another plugin': read(at('var/data/neighbour/secret')),
    'the temporary files of another plugin': () => fs.readdirSync(at('tmp/neighbour')),
    'the log of another plugin': read(at('log/app_neighbour_main.log')),
    'the settings of the module': read(at('config/config.ini')),
    'a private key': read(at('config/keys/private')),
    'what the PIN of the debugger is made of': read(at('var/debug_secret')),
    'the environment of another plugin': read(`/proc/${neighbour}/environ`),
    'the memory of another plugin': () => fs.openSync(`/proc/${neighbour}/mem`, 'r+'),
    'the files of another plugin by its process': () => fs.readdirSync(`/proc/${neighbour}/root${home}`),
    'the open files of the daemon': () => fs.openSync(`/proc/${daemon}/fd/1`, 'a'),
    'the environment of the daemon': read(`/proc/${daemon}/environ`),
    'the worker of another plugin by its link': () => connect(at('var/run/neighbour.main.1.sock')),
    'the worker of another plugin by its socket': () => connect(at('var/run/neighbour/main.1.g1.sock')),
    'the control socket of the daemon': () => connect(at('var/mfserv.socket')),
    'a link that routes requests': () => fs.symlinkSync('thief/main.1.g1.sock', at('var/run/neighbour.main.2.sock')),
    'its socket leading elsewhere': () =>
      fs.symlinkSync('../mfserv.socket', at('var/run', process.env.MFSERV_CURRENT_PLUGIN_NAME, 'main.1.g2.sock')),
    'its files leading elsewhere': () => fs.symlinkSync(home, join(process.env.MFSERV_CURRENT_PLUGIN_DIR, 'main/led')),
    'a record of a worker': write(at('var/workers/neighbour.main.1.g9.sock.json')),
    'a release of its own making': () => fs.symlinkSync('/etc', at('var/plugins/forged')),
    'the code that the commands of mfserv run': write(at('tmp/compile-cache')),
    'a file of the system': write('/usr/local/bin/mfserv-forged'),
    'the file of another in /tmp': read(outside),
    'the home of its user': () => fs.readdirSync(join(process.env.HOME, '.ssh')),
    'a setting of the kernel': write('/proc/sys/kernel/core_pattern'),
  }
  const signals = {
    'a signal to the daemon': () => process.kill(daemon, 0),
    'a signal to another plugin': () => process.kill(neighbour, 0),
    'a signal to nginx': () => process.kill(nginx, 0),
  }
  const right = {
    'its own data': write(join(process.env.MFSERV_CURRENT_PLUGIN_DATA_DIR, 'own')),
    'its own temporary directory': write(join(process.env.TMPDIR, 'own')),
    'a file in /tmp': write('/tmp/own'),
    'a link of its own': () => {
      fs.rmSync(join(process.env.TMPDIR, 'link'), { force: true })
      fs.symlinkSync('own', join(process.env.TMPDIR, 'link'))
    },
    'a file that moves': () => {
      fs.mkdirSync(join(process.env.TMPDIR, 'b'), { recursive: true })
      fs.writeFileSync(join(process.env.TMPDIR, 'a'), '')
      fs.renameSync(join(process.env.TMPDIR, 'a'), join(process.env.TMPDIR, 'b/a'))
    },
    'shared memory': write('/dev/shm/own'),
    'its own log': write(at('log/own.log')),
    'its own files': read(join(process.env.MFSERV_CURRENT_PLUGIN_DIR, 'config.ini')),
    'a process of its own': () =>
      require('node:child_process').execFileSync('/bin/sh', ['-c', 'kill -0 $$ && cat /proc/self/environ']),
    WebAssembly: () => new WebAssembly.Instance(new WebAssembly.Module(Buffer.from('0061736d01000000', 'hex'))),
  }
  const network = { 'a connection': async () => (await fetch(url)).text() }
  const all = async (some) =>
    Object.fromEntries(await Promise.all(Object.entries(some).map(async ([name, one]) => [name, await tried(one)])))
  const status = fs.readFileSync('/proc/self/status', 'utf8')
  return {
    wrong: await all(wrong),
    signals: await all(signals),
    right: await all(right),
    network: await all(network),
    capabilities: /^CapEff:\s*(\w+)/m.exec(status)[1],
    noNewPrivileges: /^NoNewPrivs:\s*(\d)/m.exec(status)[1],
  }
}
