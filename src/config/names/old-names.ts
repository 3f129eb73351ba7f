import { Problem, type Where } from '../../problem.ts'

/** What the first plugins of MFSERV call variables of the module, and what they are called since. */
const OLD_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    MODULE: 'MFMODULE',
    MODULE_LOWERCASE: 'MFMODULE_LOWERCASE',
    MODULE_HOME: 'MFMODULE_HOME',
    MODULE_VERSION: 'MFMODULE_VERSION',
    MODULE_RUNTIME_HOME: 'MFMODULE_RUNTIME_HOME',
    MODULE_RUNTIME_USER: 'MFMODULE_RUNTIME_USER',
    MODULE_RUNTIME_SUFFIX: 'MFMODULE_RUNTIME_SUFFIX',
  }),
)

/** The name that a variable has now: its own when that is not an old one. */
export function presentName(name: string): string {
  return OLD_NAMES.get(name) ?? name
}

/** `environment` with its variables under their old names as well. */
export function withOldNames(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const old = [...OLD_NAMES].flatMap(([before, now]) => {
    const value = environment[now]
    return value === undefined ? [] : [[before, value] as const]
  })
  return { ...environment, ...Object.fromEntries(old) }
}

export function oldName(name: string, now: string, where: Where): Problem {
  return new Problem('OLD_NAME', `${name} is an old name of ${now}`, `It works. Write ${now} when you can.`, where)
}

/** What a command line says as plugins of MFSERV did: variables of a shell under their old names, and layer_wrapper. */
export function oldWords(line: string, where: Where): readonly Problem[] {
  const variables = [...line.matchAll(/\$(?:\w+|\{\w+\})/g)].map(([word]) => word.replace(/\W+/g, ''))
  const old = [...new Set(variables)].filter((name) => presentName(name) !== name)
  const named = old.map((name) => oldName(name, presentName(name), where))
  if (!/(?:^|[\s/;&|(])layer_wrapper(?:\s|$)/.test(line)) return named
  const fix = 'It works. Write plugin_wrapper NAME -- COMMAND when you can.'
  return [
    ...named,
    new Problem('OLD_NAME', 'layer_wrapper is an old way to run a command in the environment of a plugin', fix, where),
  ]
}
