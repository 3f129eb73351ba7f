import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { trustKey } from '../../../host/package/key-files.ts'
import { describeBounds, type KeyBounds, NO_BOUNDS, readBound } from '../../../package/signing/key-bounds.ts'
import { Problem } from '../../../problem.ts'
import type { Result } from '../../output.ts'
import { boundsData } from './bounds-data.ts'

interface TrustOptions {
  readonly plugin?: string
  readonly lowest?: string
}

export async function run([file]: readonly [string], options: TrustOptions): Promise<Result> {
  const { name, id, how, file: target, bounds } = trustKey(pathsOf(runtimeHome()), file, boundsOf(options))
  const text = `The key ${name} (${id}) is ${how}: ${target}\nIt counts for ${describeBounds(bounds)}.`
  return { data: { name, id, file: target, how, ...boundsData(bounds) }, text }
}

function boundsOf({ plugin, lowest }: TrustOptions): KeyBounds {
  const written = { plugins: plugin, lowest }
  const read = Object.entries(written).map(([key, value]) => {
    if (value === undefined) return {}
    const bound = readBound(key, value)
    if (!('why' in bound)) return bound
    const fix = 'Write for example: mfserv key trust me.pub --plugin blog,shop --lowest 1.2'
    throw new Problem('USAGE', `${key === 'plugins' ? '--plugin' : '--lowest'} ${JSON.stringify(value)} ${bound.why}`, fix)
  })
  return Object.assign({}, NO_BOUNDS, ...read)
}
