import { accessSync, constants, globSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { AppRoutes, PluginRoutes, Routes } from '../../desired/desired.ts'
import { apart, type Made } from '../../nginx/fragments/apart.ts'
import { Problem, type Where } from '../../problem.ts'
import { isSystemError } from '../disk/errno.ts'
import { joined } from './as-problem.ts'

/** Routes by which nginx makes nothing outside of one directory. */
export interface Apart {
  readonly routes: Routes
  /** Whether those that were given would make something. */
  readonly differ: boolean
  /** Plugins that name what nginx could not make where it is to be. They are not among the routes. */
  readonly refused: ReadonlyMap<string, Problem>
  /** A message of nginx about these routes, with the paths that were given. */
  readonly named: (output: string) => string
}

/** Files that read each other in would do so for ever. */
const DEEPEST = 16

/**
 * Everything that the fragments of the plugins would have nginx make, made in `scratch` instead: `nginx -t` makes logs,
 * directories and sockets, and gives directories another owner. Whether it could make them in their place is looked at here.
 * `base`: what nginx reads relative paths by.
 */
export function apartIn(scratch: string, base: string, routes: Routes): Apart {
  const moves = new Moves(scratch, base)
  const refused = new Map<string, Problem>()
  const plugins = routes.plugins.map((plugin) => {
    const { routes: moved, problems } = moves.ofPlugin(plugin)
    if (problems.length > 0) refused.set(plugin.plugin, joined(problems))
    return moved
  })
  return {
    routes: { ...routes, plugins: plugins.filter(({ plugin }) => !refused.has(plugin)) },
    differ: moves.instead.size > 0,
    refused,
    named: (output) => moves.named(output),
  }
}

class Moves {
  readonly instead = new Map<string, string>()
  readonly #scratch: string
  readonly #base: string

  constructor(scratch: string, base: string) {
    this.#scratch = scratch
    this.#base = base
  }

  ofPlugin(plugin: PluginRoutes): { readonly routes: PluginRoutes; readonly problems: readonly Problem[] } {
    const problems: Problem[] = []
    const moved = (text: string | undefined, file: string | undefined): string | undefined =>
      text === undefined ? undefined : this.#moved(text, file, plugin.plugin, problems, 0)
    const apps = plugin.apps.map(
      (app): AppRoutes => ({
        ...app,
        appFragment: moved(app.appFragment, app.appFile),
        staticFragment: moved(app.staticFragment, app.staticFile),
      }),
    )
    const routes = {
      ...plugin,
      httpFragment: moved(plugin.httpFragment, plugin.httpFile),
      serverFragment: moved(plugin.serverFragment, plugin.serverFile),
      apps,
    }
    return { routes, problems }
  }

  named(output: string): string {
    // The longest first: /s/1 is the beginning of /s/10.
    const pairs = [...this.instead].sort(([, one], [, other]) => other.length - one.length)
    return pairs.reduce((text, [path, instead]) => text.replaceAll(instead, path), output)
  }

  #moved(text: string, file: string | undefined, plugin: string, problems: Problem[], depth: number): string {
    return apart(text, {
      instead: (made) => {
        const path = resolve(this.#base, made.path)
        const why = whyNot({ ...made, path })
        if (why !== undefined) problems.push(refusal(plugin, why, file === undefined ? undefined : { file, line: made.line }))
        return this.#placeOf(path)
      },
      included: (pattern) => this.#included(resolve(this.#base, pattern), plugin, problems, depth),
    })
  }

  /** What is read in is read from a copy where it would have something made. */
  #included(pattern: string, plugin: string, problems: Problem[], depth: number): string {
    if (depth >= DEEPEST) return pattern
    const files = globSync(pattern).sort()
    const texts = files.map((file) => [file, readableText(file)] as const)
    const copies = texts.map(([file, text]) => [file, text && this.#moved(text, file, plugin, problems, depth + 1)] as const)
    if (copies.every(([, copy], index) => copy === texts[index]?.[1])) return pattern
    const place = this.#placeOf(pattern)
    copies.forEach(([file, copy], index) => {
      const target = `${place}.${String(index).padStart(6, '0')}`
      writeFileSync(target, copy ?? '', { mode: 0o600 })
      this.instead.set(file, target)
    })
    return `${place}.*`
  }

  #placeOf(path: string): string {
    const place = this.instead.get(path) ?? join(this.#scratch, `made-${this.instead.size}`)
    this.instead.set(path, place)
    return place
  }
}

/** Why nginx could not make it in its place. A directory is made alone, not those above it. */
function whyNot({ is, path }: Made): string | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) accessSync(dirname(path), constants.W_OK | constants.X_OK)
    else if (is === 'file' && stat.isDirectory()) return `${path} is a directory`
    else if (is === 'directory' && !stat.isDirectory()) return `${path} is not a directory`
    else accessSync(path, constants.W_OK)
    return undefined
  } catch (error) {
    if (!isSystemError(error)) throw error
    return `it cannot make ${path}: ${error.message.replace(/, \w+ '.*'$/, '')}`
  }
}

function refusal(plugin: string, why: string, where: Where | undefined): Problem {
  const fix = 'Fix the nginx fragments of the plugin. Until then it is not served; all others are.'
  return new Problem('NGINX_REFUSED', `nginx refuses plugin ${plugin}: ${why}`, fix, where)
}

/** Undefined where nginx will say what is wrong with it. */
function readableText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (isSystemError(error)) return undefined
    throw error
  }
}
