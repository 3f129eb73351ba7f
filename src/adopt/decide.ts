import { didYouMean } from '../config/nearest.ts'
import { type Candidate, type Fact, fact } from './candidate.ts'
import { nodeCandidates } from './node/node.ts'
import { pageCandidates } from './pages.ts'
import { phpCandidates } from './php.ts'
import { daemonLine, type Process, processesOf, withGems } from './procfile.ts'
import { programCandidates } from './programs.ts'
import { djangoCandidates } from './python/django.ts'
import { pythonCandidates } from './python/python.ts'
import { type AppTree, below } from './tree.ts'
import { webCandidate } from './web-process.ts'

/** What a directory is to be served as. */
export type Decision =
  | { readonly is: 'decided'; readonly chosen: Candidate; readonly daemons: readonly Daemon[] }
  /** A person has to choose: `--type` takes the kind of one of these. */
  | { readonly is: 'open'; readonly among: readonly Candidate[] }
  /** `--type` names none of these. */
  | { readonly is: 'other type'; readonly found: readonly Candidate[]; readonly near: string }
  /** `inside`: directories in it where there is something. */
  | { readonly is: 'nothing'; readonly inside: readonly Inside[] }

export interface Daemon {
  readonly name: string
  readonly line: string
}

export interface Inside {
  readonly directory: string
  readonly framework: string
}

/** What is looked for, for a person whose directory has none of it. */
export const LOOKED_FOR =
  'a Procfile; manage.py, wsgi.py, asgi.py, or a Python file with Flask, FastAPI, Starlette, aiohttp, Tornado and the like; a package.json with a start script, a server such as Express, or a builder such as Vite, Next, Nuxt, Astro, SvelteKit; index.php or public/index.php; go.mod, Cargo.toml, a jar or pom.xml, a Gemfile with config.ru, a .csproj; bin/server or another program; index.html'

export function decide(tree: AppTree, wanted: string | undefined): Decision {
  const all = candidatesOf(tree)
  const processes = processesOf(tree)
  const decided = (chosen: Candidate): Decision => withProcesses(chosen, processes)
  if (wanted !== undefined) {
    const fitting = all.filter(({ kind }) => kind === wanted)
    const ofType = fitting.length > 0 ? fitting : all.filter(({ type }) => type === wanted)
    const [one] = ofType
    if (one === undefined)
      return {
        is: 'other type',
        found: all,
        near: didYouMean(
          wanted,
          all.map(({ kind }) => kind),
        ),
      }
    return ofType.length > 1 ? { is: 'open', among: ofType } : decided(one)
  }
  const [web] = processes.filter(({ name }) => name === 'web')
  if (web !== undefined) return decided(webCandidate(tree, web, all))
  const servers = all.filter(({ rank }) => rank === 'server')
  const [first] = [...servers, ...all]
  if (first === undefined) return { is: 'nothing', inside: insideOf(tree) }
  if (servers.length > 1) return { is: 'open', among: servers }
  return decided(
    first.rank === 'server'
      ? withPages(
          first,
          all.filter(({ rank }) => rank === 'site'),
        )
      : first,
  )
}

/** Everything that the directory could be served as. */
export function candidatesOf(tree: AppTree): readonly Candidate[] {
  const django = djangoCandidates(tree)
  return [
    ...django,
    // The wsgi.py and asgi.py of a project are Django's own.
    ...pythonCandidates(tree).filter(({ kind }) => django.length === 0 || !/^[aw]sgi$/.test(kind)),
    ...nodeCandidates(tree),
    ...phpCandidates(tree),
    ...programCandidates(tree),
    ...pageCandidates(tree),
  ]
}

/** A server whose pages are built by a package.json beside it. */
function withPages(server: Candidate, sites: readonly Candidate[]): Candidate {
  const [site] = sites
  if (site === undefined || site.build.length === 0) return server
  const step = 'npm run build'
  const built: Fact = fact('build', step, `package.json builds pages with ${site.framework}`)
  const note = `The pages that ${site.framework} builds are taken for those of ${server.framework}. To serve them alone: --type ${site.kind}`
  return { ...server, build: [...server.build, step], facts: [...server.facts, built], notes: [...server.notes, note] }
}

function withProcesses(chosen: Candidate, processes: readonly Process[]): Decision {
  const others = processes.filter(({ name }) => name !== 'web' && name !== 'release')
  const notes = processes
    .filter(({ name }) => name === 'release')
    .map(
      ({ place, line }) =>
        `${place} has a step for each release: "${line}". mfserv does not run it: write it into an executable file "postinstall" if it can run again and again.`,
    )
  const daemons = others.map(({ name, line }) => ({ name, line: daemonLine(withGems(line, chosen.build)) }))
  const facts = others.map(({ name, place }, index) => fact('daemon', `[extra_daemon_${name}]  ${daemons[index]?.line}`, place))
  return { is: 'decided', chosen: { ...chosen, facts: [...chosen.facts, ...facts], notes: [...chosen.notes, ...notes] }, daemons }
}

const MOST_INSIDE = 20

function insideOf(tree: AppTree): readonly Inside[] {
  const directories = new Set(
    [...tree.files].filter((file) => /^[^./][^/]*\//.test(file)).map((file) => file.replace(/\/.*/, '')),
  )
  return [...directories].slice(0, MOST_INSIDE).flatMap((directory) => {
    const [first] = candidatesOf(below(tree, directory)).filter(({ rank }) => rank !== 'last')
    return first === undefined ? [] : [{ directory, framework: first.framework }]
  })
}
