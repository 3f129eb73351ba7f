import { Problem } from '../problem.ts'
/** A shell inside a plugin has an environment that is not the one of mfserv: what is installed from it would inherit that. */
export function refuseInside(): void {
  const name = process.env['MFSERV_CURRENT_PLUGIN_NAME']
  if (name === undefined) return
  throw new Problem(
    'ENVIRONMENT',
    `this shell works inside the plugin ${name}, so plugins cannot be changed from here`,
    'Leave its environment first: exit',
  )
}
