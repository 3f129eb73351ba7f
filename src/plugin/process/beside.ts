import { Problem } from '../../problem.ts'
import type { App } from '../plugin.ts'

/** Code that nginx could not tell from what is made for visitors: both are JavaScript, and in the same directory. */
export function servedCode(apps: readonly App[]): readonly Problem[] {
  const code = apps.find(({ type, directory }) => type === 'node' && directory === '.')
  const files = apps.filter(({ type, directory }) => type === 'static' && directory === '.')
  if (code === undefined) return []
  return files.map(({ name, where }) => {
    const message = `app ${name} would show the code of app ${code.name}: both have the directory of the plugin`
    return new Problem('INI_BAD_VALUE', message, `Give the files of ${name} a directory of their own, such as public.`, where)
  })
}
