import { resolve } from 'node:path'
import { runningDaemon } from '../../../control/daemon-record.ts'
import { recordMfservHome } from '../../../host/home/mfserv-home.ts'
import { type Paths, pathsOf, runtimeHome } from '../../../host/home/paths.ts'
import { baseUrl } from '../../../host/module/desire-settings.ts'
import { readHardware } from '../../../host/module/hardware.ts'
import { readConfig } from '../../../host/module/read-config.ts'
import { existing, readTemplateSources, writePlugin } from '../../../operations/make/new-plugin.ts'
import { releaseNewPlugin } from '../../../operations/make/release-new-plugin.ts'
import { formatProblem, Problem, Problems } from '../../../problem.ts'
import { type Answers, ask, withFallbacks } from '../../../template/questions.ts'
import { render } from '../../../template/render.ts'
import type { Template } from '../../../template/template.ts'
import { checkName, findTemplate } from '../../../template/templates.ts'
import { type OutputOptions, progress, type Result } from '../../output.ts'
import { prompt } from '../../prompt.ts'
import { createFrom } from './create-from.ts'

interface CreateOptions extends OutputOptions {
  readonly from?: string
  readonly type?: string
  readonly template?: string
  readonly noInput?: true
  readonly make?: true
  readonly install?: true
  readonly delete?: true
}

export async function run([name]: readonly [string], options: CreateOptions): Promise<Result> {
  if (options.from !== undefined) return createFrom(name, options.from, options)
  const home = resolve(name)
  const template = templateFor(name, home, options)
  const chosen = await answers(template, options)
  writePlugin(home, render(template, name, chosen, readTemplateSources()))
  const paths = pathsOf(runtimeHome())
  const unrecorded = recordMfservHome(paths)
  if (unrecorded !== undefined) progress(formatProblem(unrecorded))
  const released = options.make === true ? await releaseNewPlugin(home, options, process.env, progress) : []
  const { sections, general } = template.config(name, chosen)
  const answersThere =
    sections.some((section) => section.name.startsWith('app_')) || 'extra_nginx_server_conf_filename' in general
  const url = answersThere ? urlOf(name, paths) : undefined
  const served = options.install === true ? servedText(url, paths) : []
  const text = options.make === true ? [releasedText(name, released, options), ...served].join('\n') : nextSteps(name, home, url)
  return { data: { name, home, url, released }, text }
}

/** Everything that can be refused before the first question, at once. */
function templateFor(name: string, home: string, options: CreateOptions): Template {
  const needsMake = (option: 'install' | 'delete') =>
    options[option] === true && options.make !== true
      ? new Problem('USAGE', `--${option} works on what --make made`, 'Add --make.')
      : undefined
  const template = findTemplate(options.template ?? 'default')
  const found = [
    template instanceof Problem ? template : undefined,
    checkName(name, template instanceof Problem ? undefined : template) ?? existing(home),
    needsMake('install'),
    needsMake('delete'),
    options.type === undefined ? undefined : new Problem('USAGE', '--type is for --from', 'A template asks for the type itself.'),
  ].filter((problem) => problem !== undefined)
  if (template instanceof Problem || found.length > 0) throw new Problems(found)
  return template
}

async function answers(template: Template, options: CreateOptions): Promise<Answers> {
  if (options.noInput === true) return withFallbacks(ask(template.questions))
  return prompt(template.questions, {
    input: process.stdin,
    // With --json, standard output is the answer's alone.
    output: options.json === true ? process.stderr : process.stdout,
    answers: process.stdin.isTTY ? 'person' : 'pipe',
  })
}

function urlOf(name: string, paths: Paths): string | undefined {
  const base = baseUrl(readConfig(paths, readHardware(), process.env).config)
  return base === undefined ? undefined : `${base}/${name}`
}

function servedText(url: string | undefined, paths: Paths): readonly string[] {
  if (runningDaemon(paths) === undefined) return ['It is served once mfserv runs: mfserv.start']
  return url === undefined ? [] : [`It answers at ${url}`]
}

function nextSteps(name: string, home: string, url: string | undefined): string {
  const steps = [`  cd ${name}`, '  make develop', ...(url === undefined ? [] : [`  curl ${url}`])]
  return [`Plugin ${name} was created in ${home}`, '', 'Next:', ...steps].join('\n')
}

function releasedText(name: string, released: readonly string[], { install }: CreateOptions): string {
  const done = install === true ? 'created, released and installed' : 'created and released'
  return [`Plugin ${name} was ${done}:`, ...released.map((file) => `  ${file}`)].join('\n')
}
