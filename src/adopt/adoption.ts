import { validateName } from '../plugin/name.ts'
import { Problem } from '../problem.ts'
import { brokenFiles } from './broken.ts'
import type { Candidate, Fact } from './candidate.ts'
import { decide, LOOKED_FOR } from './decide.ts'
import { type PluginFile, pluginFiles } from './plugin-files.ts'
import type { AppTree } from './tree.ts'

/** What an application becomes a plugin by. */
export interface Adoption {
  readonly name: string
  readonly framework: string
  readonly kind: string
  readonly type: string
  readonly facts: readonly Fact[]
  readonly notes: readonly string[]
  readonly files: readonly PluginFile[]
  readonly kept: readonly string[]
  /** How make is called in its directory. */
  readonly make: string
}

export interface Wishes {
  /** Its directory, as problems show it. */
  readonly directory: string
  readonly name: string
  readonly type: string | undefined
  /** Where the fix of a wrong name is given. */
  readonly nameFrom: 'directory' | 'person'
}

/** What is written beside the application in `tree`, or every reason why nothing is. */
export function adoption(tree: AppTree, wishes: Wishes, sources: ReadonlyMap<string, string>): Adoption | readonly Problem[] {
  if (tree.files.has('.layerapi2_label')) return [alreadyPlugin(wishes.directory)]
  const broken = brokenFiles(tree, wishes.directory)
  const taken = [...ownConfig(tree, wishes.directory), ...broken, ...nameProblems(wishes)]
  const decision = decide(tree, wishes.type)
  // What a broken file would have said may be what is missing.
  if (decision.is !== 'decided') return broken.length > 0 ? taken : [...taken, undecided(decision, wishes)]
  if (taken.length > 0) return taken
  const { chosen, daemons } = decision
  const named = (text: string): string => text.replaceAll('{name}', wishes.name)
  const { files, kept, make, notes } = pluginFiles(tree, wishes.name, chosen, daemons, sources)
  return {
    name: wishes.name,
    framework: chosen.framework,
    kind: chosen.kind,
    type: chosen.type,
    facts: chosen.facts.map((one) => ({ ...one, is: named(one.is) })),
    notes: [...chosen.notes, ...notes].map(named),
    files,
    kept,
    make,
  }
}

/** Its directory's name, as far as a plugin can have it. */
export function nameFor(directory: string): string {
  return directory
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replaceAll(/^(?:plugin_|[-_])+|-+$/g, '')
    .slice(0, 64)
}

function nameProblems({ name, nameFrom, directory }: Wishes): readonly Problem[] {
  const wrong = validateName(name)
  if (wrong === undefined) return []
  if (nameFrom === 'person') return [wrong]
  return [new Problem(wrong.code, wrong.message, 'Give it another one: --name NAME', { file: directory })]
}

function alreadyPlugin(directory: string): Problem {
  const fix = 'It needs nothing more: run make develop there.'
  return new Problem('PLUGIN_EXISTS', `${directory} is a plugin already`, fix, { file: `${directory}/.layerapi2_label` })
}

/** What is there is not touched. */
function ownConfig(tree: AppTree, directory: string): readonly Problem[] {
  if (!tree.files.has('config.ini')) return []
  const fix =
    'Make a plugin with "bootstrap_plugin.py create", and move the application into a directory of it that the key directory names; or rename its config.ini.'
  const message = 'the application has a config.ini of its own, and mfserv needs a file of that name'
  return [new Problem('ADOPT_REFUSED', message, fix, { file: `${directory}/config.ini` })]
}

type Undecided = Exclude<ReturnType<typeof decide>, { readonly is: 'decided' }>

function undecided(decision: Undecided, { directory, type }: Wishes): Problem {
  const where = { file: directory }
  switch (decision.is) {
    case 'open': {
      const message = `there is more than one application: ${decision.among.map(told).join('; ')}`
      return new Problem(
        'ADOPT_CHOICE',
        message,
        `Say which one is served: --type ${decision.among.map(({ kind }) => kind).join(', or --type ')}`,
        where,
      )
    }
    case 'other type': {
      const known = decision.found.map(({ kind }) => kind)
      const found = known.length === 0 ? 'Nothing that could be served was found there.' : `Found there: ${known.join(', ')}.`
      return new Problem('ADOPT_CHOICE', `there is no ${type} in it`, `${decision.near}${found}`, where)
    }
    case 'nothing': {
      const inside = decision.inside.map(({ directory: name, framework }) => `${name} (${framework})`)
      const fix = [
        ...(inside.length === 0 ? [] : [`Adopt a directory of it, where there is one: ${inside.join(', ')}`]),
        `Looked for: ${LOOKED_FOR}.`,
        'For a program of another kind, write a Procfile with a line "web: COMMAND", where $PORT stands for the port.',
      ].join('\n')
      return new Problem('ADOPT_NOTHING', 'no application was found', fix, where)
    }
    default:
      return decision satisfies never
  }
}

function told({ kind, framework, facts }: Candidate): string {
  const [{ because } = { because: kind }] = facts
  return `${framework} (${because})`
}
