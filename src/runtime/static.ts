import type { Runtime } from './contract.ts'

export const staticFiles: Runtime = {
  language: 'none',
  keepAlive: false,
  serves: 'files',
  readyPath: '',
  entry: 'none',
  facts: {
    language: 'none',
    server: 'nginx',
    concurrency: 'many',
    timeout: 'none',
    debugger: 'none',
    stop: 'nothing to stop',
    limits: 'no code runs',
  },
  worker: () => ({ argv: [], env: {} }),
}
