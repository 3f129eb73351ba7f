import type { Surroundings } from '../operations/release/place-of-change.ts'

/** Where a command changes releases; its progress goes to standard error. */
export async function surroundings(base?: string): Promise<Surroundings> {
  const { pathsOf, runtimeHome } = await import('../host/home/paths.ts')
  const { pathsFor } = await import('../operations/release/place-of-change.ts')
  const { Timeline } = await import('../operations/release/timeline.ts')
  const { progress } = await import('./output.ts')
  return { paths: pathsFor(pathsOf(runtimeHome()), base), env: process.env, timeline: new Timeline(progress) }
}
