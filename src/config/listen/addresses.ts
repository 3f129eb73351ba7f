import { Problem, type Where } from '../../problem.ts'
import type { Settings } from '../settings.ts'
import { isFile } from '../tls/is-file.ts'
import { type Listener, listenersOf, listenerText } from './listener.ts'

interface Addresses {
  /** Values of `[nginx]` that count instead of what is written. */
  readonly values: readonly (readonly ['port' | 'https_port' | 'listen', string])[]
  readonly problems: readonly Problem[]
}

interface Around {
  /** The line of a key in a file; undefined for what is built in. */
  readonly writtenAt: (key: string) => Where | undefined
  /** Whether other sections have certificates. */
  readonly hasSections: boolean
}

/** What the keys of `[nginx]` that say where nginx listens mean together. */
export function settleAddresses(nginx: Settings['nginx'], around: Around): Addresses {
  const all = listenersOf({ port: nginx.port, httpsPort: nginx.https_port, listen: nginx.listen })
  const refused = contradictions(nginx, all, around)
  // nginx would refuse the addresses for HTTPS, and with them everything else.
  const served = refused.length === 0 ? all : all.filter(({ tls }) => !tls)
  return {
    values: nginx.listen.length > 0 ? valuesOf(served) : refused.length > 0 ? [['https_port', 'null']] : [],
    problems: [...overruled(nginx, around), ...refused],
  }
}

function valuesOf(served: readonly Listener[]): Addresses['values'] {
  const portOf = (isTls: boolean): string => String(served.find(({ tls }) => tls === isTls)?.port ?? 'null')
  return [
    ['port', portOf(false)],
    ['https_port', portOf(true)],
    ['listen', served.map(listenerText).join(', ') || 'null'],
  ]
}

function overruled({ listen }: Settings['nginx'], { writtenAt }: Around): readonly Problem[] {
  if (listen.length === 0) return []
  return ['port', 'https_port'].flatMap((key) => {
    const where = writtenAt(key)
    if (where === undefined) return []
    const fix = 'Remove the line, or the key listen.'
    return [new Problem('INI_IGNORED_KEY', `${key} has no effect: listen says every address`, fix, where)]
  })
}

/** Values that are right one by one and wrong together. */
function contradictions(
  nginx: Settings['nginx'],
  all: readonly Listener[],
  { writtenAt, hasSections }: Around,
): readonly Problem[] {
  if (!all.some(({ tls }) => tls)) return []
  const isByList = nginx.listen.length > 0
  const absent = (['ssl_certificate', 'ssl_certificate_key'] as const).filter((key) => !isFile(nginx[key]))
  const missing = absent.length === 2 && hasSections ? [] : absent
  const same = !isByList && nginx.https_port === nginx.port ? [`it is the HTTP port too`] : []
  const what = isByList ? 'listen has an address with ssl' : `https_port is ${nginx.https_port}`
  const off = isByList ? 'an address without ssl' : 'https_port = 0'
  const where = writtenAt(isByList ? 'listen' : 'https_port')
  return [...missing.map((key) => `${key} names no file`), ...same].map(
    (why) =>
      new Problem(
        'INI_BAD_VALUE',
        `${what}, but ${why}`,
        `Write both files of the certificate and a port of its own, or ${off}.`,
        where,
      ),
  )
}
