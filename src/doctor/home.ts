import { shellArgument } from '../shell-quote.ts'
import type { DaemonFacts, HomeFacts, ProgramFacts, Some, Trouble, UnitFacts } from './facts.ts'
import type { Finding } from './finding.ts'

export function homeFindings(home: HomeFacts): readonly Finding[] {
  if (home.is === 'not ours') {
    const why = 'nothing of mfserv works without a runtime home'
    return [{ severity: 'broken', about: 'home', what: home.why ?? 'there is no runtime home', why, fix: home.fix ?? '' }]
  }
  if (home.is === 'missing') {
    const why = 'it is made at the first start'
    return [{ severity: 'note', about: 'home', what: `there is no runtime home ${home.path} yet`, why, fix: 'mfserv.start' }]
  }
  const { path } = home
  return [
    ...among(home.ofOthers, {
      severity: 'broken',
      about: 'home',
      what: 'belong to another user',
      why: 'mfserv can neither write nor remove them; mostly a command was run as root once',
      fix: `chown -R --no-dereference "$(stat -c %u ${shellArgument(path)})" ${shellArgument(path)}`,
    }),
    ...among(home.openToOthers, {
      severity: 'risk',
      about: 'home',
      what: 'can be read or written by other users',
      why: 'settings, data and keys of plugins are in there',
      fix: `chmod -R go-rwx ${shellArgument(path)}`,
    }),
    ...among(home.stale, {
      severity: 'note',
      about: 'home',
      what: 'were left by processes that were killed',
      why: 'nobody needs them any more, and they take room',
      fix: `rm -rf ${home.stale.paths.map(shellArgument).join(' ')}`,
    }),
  ]
}

function among({ count, paths }: Some, finding: Finding): readonly Finding[] {
  if (count === 0) return []
  const more = count > paths.length ? ` and ${count - paths.length} more` : ''
  return [{ ...finding, what: `${paths.join(', ')}${more} ${count === 1 ? singular(finding.what) : finding.what}` }]
}

function singular(what: string): string {
  return what
    .replace(/^belong /, 'belongs ')
    .replace(/^were /, 'was ')
    .replace('processes that were', 'a process that was')
}

export function daemonFindings(daemon: DaemonFacts): readonly Finding[] {
  const said = (severity: Finding['severity'], what: string, why: string, fix: string): readonly Finding[] => [
    { severity, about: 'daemon', what, why, fix },
  ]
  switch (daemon.is) {
    case 'down':
      return said('note', 'mfserv does not run', 'nothing is served', 'mfserv.start')
    case 'gone':
      return said(
        'broken',
        'the daemon has gone, and what it started runs on',
        'nobody looks after workers and nginx',
        'mfserv.start',
      )
    case 'silent':
      return said('broken', `the daemon does not answer: ${daemon.why}`, 'nobody looks after workers and nginx', 'mfserv.restart')
    case 'running':
      if (daemon.word === 'RUNNING') return []
      return said(
        daemon.word === 'ERROR' ? 'broken' : daemon.word === 'DEGRADED' ? 'risk' : 'note',
        `mfserv is ${daemon.word}: ${daemon.because.join('; ')}`,
        daemon.word === 'ERROR' ? 'requests are not served' : 'requests are served, but not all is as it should be',
        'mfserv.status',
      )
    default:
      return daemon satisfies never
  }
}

export function unitFindings(unit: UnitFacts, install: string | undefined): readonly Finding[] {
  if (unit.is !== 'none' || install === undefined) return []
  const what = 'no unit of systemd starts mfserv'
  return [
    { severity: 'note', about: 'service', what, why: 'after a reboot nothing is served until somebody starts it', fix: install },
  ]
}

export function programFindings({ name, neededBy, problem }: ProgramFacts): readonly Finding[] {
  if (problem === undefined || neededBy.length === 0) return []
  const why = `it is needed by ${neededBy.join(', ')}`
  return [{ severity: 'broken', about: 'programs', what: `${name}: ${problem.what}`, why, fix: problem.fix }]
}

export function troubleFindings({ what, fix, isError }: Trouble): readonly Finding[] {
  const why = isError ? 'what it concerns is not served, or not as it is written' : 'it works, and not as it is written'
  return [{ severity: isError ? 'broken' : 'note', about: 'mfserv', what, why, fix }]
}
