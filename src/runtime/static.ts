import type { Runtime } from './runtime.ts'

export const staticFiles: Runtime = {
  language: 'none',
  keepAlive: false,
  serves: 'files',
  readyPath: '',
  worker: () => ({ argv: [], env: {} }),
}
