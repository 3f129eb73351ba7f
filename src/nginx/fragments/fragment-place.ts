import type { PluginRoutes } from '../../desired/desired.ts'
import type { Where } from '../../problem.ts'

/** The line of a plugin's fragment that stands in line `line` (from 1) of a rendered nginx.conf; undefined when it is a line of ours. */
export function fragmentPlace(text: string, line: number, plugin: PluginRoutes): Where | undefined {
  const written = text.split('\n')
  for (const [file, fragment] of fragmentsOf(plugin)) {
    if (file === undefined || fragment === undefined) continue
    const index = indexIn(fragment.replace(/\n$/, '').split('\n'), written, line - 1)
    if (index !== undefined) return { file, line: index + 1 }
  }
  return undefined
}

type FileAndText = readonly [file: string | undefined, fragment: string | undefined]

function fragmentsOf({ httpFile, httpFragment, serverFile, serverFragment, apps }: PluginRoutes): readonly FileAndText[] {
  return [
    [httpFile, httpFragment],
    [serverFile, serverFragment],
    ...apps.flatMap(({ appFile, appFragment, staticFile, staticFragment }): FileAndText[] => [
      [appFile, appFragment],
      [staticFile, staticFragment],
    ]),
  ]
}

/** Which line of the fragment stands at `at`, the lines around it being its own too. Nested locations of it may have been left out. */
function indexIn(fragment: readonly string[], written: readonly string[], at: number): number | undefined {
  const isHere = (start: number): boolean =>
    fragment.every((line, index) => line === written[start + index] || written[start + index]?.trim() === '')
  const found = fragment.findIndex((line, index) => line === written[at] && isHere(at - index))
  return found < 0 ? undefined : found
}
