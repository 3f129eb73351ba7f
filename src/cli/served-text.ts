import type { AppReport } from '../daemon/protocol.ts'

/** Where a plugin answers, and which of its apps do not although all is well. */
export function servedText(name: string, apps: readonly AppReport[]): readonly string[] {
  if (apps.length === 0) return [`${name} runs. It has no app.`]
  const served = apps.filter(({ isServed }) => isServed)
  return [
    ...(served.length === 0 ? [`${name} runs:`] : [`${name} answers:`]),
    ...served.map(({ url }) => `  ${url}`),
    ...apps.filter(({ isServed }) => !isServed).map((app) => `  app ${app.name}: ${NO_WORKERS}`),
  ]
}

export const NO_WORKERS = 'workers is 0: not served'
