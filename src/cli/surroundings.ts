import { pathsOf, runtimeHome } from '../host/home/paths.ts'
import { pathsFor, type Surroundings } from '../operations/release/place-of-change.ts'
import { Timeline } from '../operations/release/timeline.ts'
import { progress } from './output.ts'

/** Where a command changes releases; its progress goes to standard error. */
export function surroundings(base?: string): Surroundings {
  return { paths: pathsFor(pathsOf(runtimeHome()), base), env: process.env, timeline: new Timeline(progress) }
}
