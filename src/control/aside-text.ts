import type { Aside } from '../plugin/aside.ts'
import type { PluginReport } from './protocol.ts'

/** What an administrator keeps requests from a plugin by, and how it ends. */
export function asideLines({ name, state, aside, leaving, apps }: PluginReport): readonly string[] {
  const all = aside ?? (state === 'stopped' ? [{ is: 'stopped' } as const] : [])
  return all.map((one) => {
    switch (one.is) {
      case 'stopped': {
        const rest = leaving === 0 ? '' : `; ${leaving === 1 ? 'one worker ends' : `${leaving} workers end`} now`
        return `stopped by plugins.stop${rest}. To have it back: plugins.start ${name}`
      }
      case 'maintenance':
        return `in maintenance since ${timeText(one.since)}${maintenanceText(one)}. To have it back: plugins.maintenance ${name} off`
      case 'paused': {
        const held = apps.reduce((sum, app) => sum + app.held, 0)
        return `paused since ${timeText(one.since)}; ${held} ${held === 1 ? 'request waits' : 'requests wait'}. To have it back: plugins.resume ${name}`
      }
      default:
        return one satisfies never
    }
  })
}

export function maintenanceText({ retryAfterSeconds, hasPage }: Extract<Aside, { is: 'maintenance' }>): string {
  return `: its URLs answer 503, Retry-After ${retryAfterSeconds} s, with ${hasPage ? 'your page' : 'the page of mfserv'}`
}

function timeText(time: number): string {
  return new Date(time).toLocaleString('sv-SE')
}
