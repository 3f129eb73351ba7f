import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Paths } from '../../host/home/paths.ts'
import type { Answers } from '../../template/questions.ts'
import type { Template } from '../../template/template.ts'
import type { OutputOptions } from '../output.ts'

interface CreateOptions extends OutputOptions {
  readonly template: string
  /** False with --no-input. */
  readonly input: boolean
  readonly make?: true
  readonly install?: true
  readonly delete?: true
}

export function register(program: Command): void {
  const bootstrap = program
    .command('bootstrap')
    .description('Start a new plugin from a template.')
    .action(() => bootstrap.help({ error: true }))
  bootstrap.command('list').description('List the templates.').action(list)
  bootstrap
    .command('create')
    .description('Create the plugin NAME in a directory of that name here.')
    .argument('<NAME>', 'letters, digits, _ and -')
    .option('--template <template>', 'the template to start from', 'default')
    .option('--no-input', 'ask nothing, take every default')
    .option('--make', 'run "make release" in the new plugin')
    .option('--install', 'install the .plugin file that --make made')
    .option('--delete', 'keep only the .plugin file that --make made')
    .action(create)
}

async function list(_options: unknown, command: Command): Promise<void> {
  const { print } = await import('../output.ts')
  const { TEMPLATES } = await import('../../template/templates.ts')
  const templates = Object.entries(TEMPLATES).map(([name, { summary }]) => ({ name, summary }))
  const lines = templates.map(({ name }) => `     * ${name}`)
  print({ data: templates, text: ['List of available plugin templates:', ...lines].join('\n') }, command.optsWithGlobals())
}

async function create(name: string, _options: unknown, command: Command): Promise<void> {
  const { print, progress } = await import('../output.ts')
  const { readTemplateSources, writePlugin } = await import('../../operations/make/new-plugin.ts')
  const { recordMfservHome } = await import('../../host/home/mfserv-home.ts')
  const { pathsOf, runtimeHome } = await import('../../host/home/paths.ts')
  const { releaseNewPlugin } = await import('../../operations/make/release-new-plugin.ts')
  const { formatProblem } = await import('../../problem.ts')
  const { render } = await import('../../template/render.ts')
  const options = command.optsWithGlobals<CreateOptions>()
  const home = resolve(name)
  const template = await templateFor(name, home, options)
  const chosen = await answers(template, options)
  writePlugin(home, render(template, name, chosen, readTemplateSources()))
  const paths = pathsOf(runtimeHome())
  const unrecorded = recordMfservHome(paths)
  if (unrecorded !== undefined) progress(formatProblem(unrecorded))
  const released = options.make === true ? await releaseNewPlugin(home, options, process.env, progress) : []
  const hasApp = template.config(name, chosen).sections.some((section) => section.name.startsWith('app_'))
  const url = hasApp ? await urlOf(name, paths) : undefined
  const served = options.install === true ? await servedText(url, paths) : []
  const text = options.make === true ? [releasedText(name, released, options), ...served].join('\n') : nextSteps(name, home, url)
  print({ data: { name, home, url, released }, text }, options)
}

/** Everything that can be refused before the first question, at once. */
async function templateFor(name: string, home: string, options: CreateOptions): Promise<Template> {
  const { existing } = await import('../../operations/make/new-plugin.ts')
  const { checkName, findTemplate } = await import('../../template/templates.ts')
  const { Problem, Problems } = await import('../../problem.ts')
  const needsMake = (option: 'install' | 'delete') =>
    options[option] === true && options.make !== true
      ? new Problem('USAGE', `--${option} works on what --make made`, 'Add --make.')
      : undefined
  const template = findTemplate(options.template)
  const found = [
    template instanceof Problem ? template : undefined,
    checkName(name, template instanceof Problem ? undefined : template) ?? existing(home),
    needsMake('install'),
    needsMake('delete'),
  ].filter((problem) => problem !== undefined)
  if (template instanceof Problem || found.length > 0) throw new Problems(found)
  return template
}

async function answers(template: Template, options: CreateOptions): Promise<Answers> {
  const { ask, withFallbacks } = await import('../../template/questions.ts')
  if (!options.input) return withFallbacks(ask(template.questions))
  const { prompt } = await import('../prompt.ts')
  return prompt(template.questions, {
    input: process.stdin,
    // With --json, standard output is the answer's alone.
    output: options.json === true ? process.stderr : process.stdout,
    answers: process.stdin.isTTY ? 'person' : 'pipe',
  })
}

async function urlOf(name: string, paths: Paths): Promise<string | undefined> {
  const { baseUrl } = await import('../../host/module/desire-settings.ts')
  const { readHardware } = await import('../../host/module/hardware.ts')
  const { readConfig } = await import('../../host/module/read-config.ts')
  const base = baseUrl(readConfig(paths, readHardware(), process.env).config)
  return base === undefined ? undefined : `${base}/${name}`
}

async function servedText(url: string | undefined, paths: Paths): Promise<readonly string[]> {
  const { runningDaemon } = await import('../../control/daemon-record.ts')
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
