import { accessSync, constants } from 'node:fs'
import type { Plugin } from '../../../plugin/plugin.ts'
import { Problem } from '../../../problem.ts'
import { isSystemError } from '../../disk/errno.ts'

/** Files of passwords outside of the plugins that nginx cannot read: it lets nobody in then. Those inside are looked at with the plugin. */
export function absentPasswords(plugins: readonly Plugin[]): readonly Problem[] {
  return plugins.flatMap((plugin) =>
    plugin.apps.flatMap(({ name, rules, where, passwordsWhere = where }) => {
      const file = rules?.passwordFile
      const why = file?.startsWith('/') === true ? whyNotRead(file) : undefined
      if (why === undefined) return []
      const message = `nobody may use app ${name} of the plugin ${plugin.name}: the file of its passwords, ${file}, ${why}`
      const fix = 'Create it so that the user of mfserv can read it, with lines such as those of: openssl passwd -apr1.'
      return [new Problem('PLUGIN_FILE_MISSING', message, fix, passwordsWhere)]
    }),
  )
}

function whyNotRead(file: string): string | undefined {
  try {
    accessSync(file, constants.R_OK)
    return undefined
  } catch (error) {
    if (!isSystemError(error)) throw error
    return error.code === 'ENOENT' ? 'is not there' : `cannot be read (${String(error.code)})`
  }
}
