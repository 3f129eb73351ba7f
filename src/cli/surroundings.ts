import type { Surroundings } from '../host/release/surroundings.ts'

/** Where a command changes releases; its progress goes to standard error. */
export async function surroundings(base?: string): Promise<Surroundings> {
  const { pathsOf, runtimeHome } = await import('../host/paths.ts')
  const { pathsFor } = await import('../host/release/surroundings.ts')
  const { Timeline } = await import('../host/release/timeline.ts')
  const { progress } = await import('./output.ts')
  return { paths: pathsFor(pathsOf(runtimeHome()), base), env: process.env, timeline: new Timeline(progress) }
}
