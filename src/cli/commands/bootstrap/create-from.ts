import { resolve } from 'node:path'
import { recordMfservHome } from '../../../host/home/mfserv-home.ts'
import { pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { adoptCopy, planAdoption } from '../../../operations/make/adopt.ts'
import { existing } from '../../../operations/make/new-plugin.ts'
import { releaseNewPlugin } from '../../../operations/make/release-new-plugin.ts'
import { formatProblem, Problem, Problems } from '../../../problem.ts'
import { adoptedData, adoptedText } from '../../adopted.ts'
import { progress, type Result } from '../../output.ts'

interface FromOptions {
  readonly template?: string
  readonly type?: string
  readonly make?: true
  readonly install?: true
  readonly delete?: true
}

/** A plugin in a new directory, from a copy of an application. */
export async function createFrom(name: string, from: string, options: FromOptions): Promise<Result> {
  const home = resolve(name)
  refuse(home, options)
  const planned = planAdoption({ directory: from, name, type: options.type })
  const notes = adoptCopy(planned, home)
  const unrecorded = recordMfservHome(pathsOf(runtimeHome()))
  if (unrecorded !== undefined) progress(formatProblem(unrecorded))
  const [make = 'make', ...words] = planned.adoption.make.split(' ')
  const after = { install: options.install === true, delete: options.delete === true, makeWords: [make, ...words] } as const
  const released = options.make === true ? await releaseNewPlugin(home, after, process.env, progress) : []
  const where = { home, is: 'done', notes } as const
  const text = [
    adoptedText(planned.adoption, where),
    ...(released.length === 0 ? [] : ['Released:', ...released.map((file) => `  ${file}`)]),
  ]
  return { data: { ...adoptedData(planned.adoption, where), released }, text: text.join('\n') }
}

function refuse(home: string, options: FromOptions): void {
  const needsMake = (option: 'install' | 'delete') =>
    options[option] === true && options.make !== true
      ? new Problem('USAGE', `--${option} works on what --make made`, 'Add --make.')
      : undefined
  const template =
    options.template === undefined
      ? undefined
      : new Problem('USAGE', '--from and --template are both given', 'Leave one of them out.')
  const found = [template, existing(home), needsMake('install'), needsMake('delete')].filter((problem) => problem !== undefined)
  if (found.length > 0) throw new Problems(found)
}
