import { pluginAtLine } from '../../nginx/markers.ts'
import type { Rendered } from '../../nginx/render.ts'
import { Problem, Problems, type Where } from '../../problem.ts'
import { joined } from './as-problem.ts'
import type { Proof } from './program.ts'

export interface Proven {
  readonly text: string
  /** The plugins left out of `text`, each with why. */
  readonly quarantined: ReadonlyMap<string, Problem>
}

export interface Quarantine {
  readonly plugins: readonly string[]
  readonly render: (excluded: ReadonlySet<string>) => Rendered
  readonly prove: (text: string) => Promise<Proof>
  /** The line of the plugin's own files that stands in a line of a text. */
  readonly placeOf?: (plugin: string, text: string, line: number) => Where | undefined
  /** What a message of nginx means for the module, where more is known than what nginx says. */
  readonly ofModule?: (message: string) => Problem | undefined
}

/**
 * A text that nginx accepts, with as many plugins as possible: the one that nginx's message points at is left out, until
 * the rest passes. Throws Problems when the text is refused without any plugin.
 */
export async function proveWithQuarantine(quarantine: Quarantine): Promise<Proven> {
  const unwritable = problemsOfValues(quarantine)
  const refused = new Map<string, Problem>()
  for (;;) {
    const text = textWithout(quarantine, [...unwritable.keys(), ...refused.keys()])
    const proof = await quarantine.prove(text)
    if (proof.is === 'accepted') break
    const culprit = pluginAtLine(text, lineIn(proof.output))
    if (culprit === undefined) return addOneByOne(quarantine, unwritable)
    refused.set(culprit, refusal(quarantine, culprit, text, proof.output))
  }
  await readmit(quarantine, unwritable, refused)
  const quarantined = new Map([...unwritable, ...refused])
  return { text: textWithout(quarantine, [...quarantined.keys()]), quarantined }
}

/** Plugins with a value that no nginx.conf can hold. */
function problemsOfValues({ render }: Quarantine): Map<string, Problem> {
  const rendered = render(new Set())
  const problems = 'problems' in rendered ? rendered.problems : []
  const ofModule = problems.filter(({ plugin }) => plugin === undefined).map(({ problem }) => problem)
  if (ofModule.length > 0) throw new Problems(ofModule)
  const byPlugin = Map.groupBy(problems, ({ plugin }) => plugin ?? '')
  return new Map([...byPlugin].map(([plugin, all]) => [plugin, joined(all.map(({ problem }) => problem))]))
}

/** An error may show in a later plugin than the one that made it. Who was left out for that reason is taken back. */
async function readmit(
  quarantine: Quarantine,
  unwritable: ReadonlyMap<string, Problem>,
  refused: Map<string, Problem>,
): Promise<void> {
  if (refused.size < 2) return
  for (const [plugin, problem] of [...refused]) {
    refused.delete(plugin)
    const proof = await quarantine.prove(textWithout(quarantine, [...unwritable.keys(), ...refused.keys()]))
    if (proof.is === 'refused') refused.set(plugin, problem)
  }
}

/** For a message that points at no plugin: each is added to those that passed. */
async function addOneByOne(quarantine: Quarantine, unwritable: ReadonlyMap<string, Problem>): Promise<Proven> {
  const excluded = new Map<string, Problem | undefined>(quarantine.plugins.map((plugin) => [plugin, unwritable.get(plugin)]))
  let text = textWithout(quarantine, [...excluded.keys()])
  const bare = await quarantine.prove(text)
  if (bare.is === 'refused') throw new Problems([quarantine.ofModule?.(bare.output) ?? moduleRefusal(bare.output)])
  for (const plugin of quarantine.plugins.filter((name) => !unwritable.has(name))) {
    excluded.delete(plugin)
    const wider = textWithout(quarantine, [...excluded.keys()])
    const proof = await quarantine.prove(wider)
    if (proof.is === 'accepted') text = wider
    else excluded.set(plugin, refusal(quarantine, plugin, wider, proof.output))
  }
  const quarantined = [...excluded].flatMap(([plugin, problem]) => (problem === undefined ? [] : [[plugin, problem] as const]))
  return { text, quarantined: new Map(quarantined) }
}

function textWithout({ render }: Quarantine, excluded: readonly string[]): string {
  const rendered = render(new Set(excluded))
  if ('problems' in rendered) throw new Problems(rendered.problems.map(({ problem }) => problem))
  return rendered.text
}

function refusal({ placeOf }: Quarantine, plugin: string, text: string, output: string): Problem {
  const line = text.split('\n')[lineIn(output) - 1]?.trim()
  const place = line === undefined ? '' : `, at: ${line}`
  const where = line === undefined ? undefined : placeOf?.(plugin, text, lineIn(output))
  const fix = 'Fix the nginx fragments of the plugin. Until then it is not served; all others are.'
  return new Problem('NGINX_REFUSED', `nginx refuses plugin ${plugin}: ${messageIn(output)}${place}`, fix, where)
}

function moduleRefusal(output: string): Problem {
  const fix = 'Look at the section [nginx] of config.ini.'
  return new Problem('NGINX_REFUSED', `nginx refuses the configuration of the module: ${messageIn(output)}`, fix)
}

/** Of a line such as `2026/11/22 10:09:43 [emerg] 485#485: unknown directive "x" in /a/nginx.conf.candidate:12`; 0 when it names none of our file. */
function lineIn(output: string): number {
  return Number(/ in .*\.candidate:(\d+)$/m.exec(output)?.[1] ?? 0)
}

function messageIn(output: string): string {
  const lines = output.split('\n')
  const line = lines.find((one) => one.includes('[emerg]')) ?? lines[0] ?? ''
  return line.replace(/^.*?\[\w+\] (?:\d+#\d+: )?/, '').replace(/ in [^[]*\.candidate:\d+$/, '')
}
