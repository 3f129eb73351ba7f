import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diskFindings } from './disk.ts'
import { findingsOf } from './doctor.ts'
import type { CertificateFacts, ClockFacts, DiskFacts, Facts, HomeFacts, LimitFacts } from './facts.ts'
import { amount, exitCodeOf, type Finding } from './finding.ts'
import { daemonFindings, homeFindings, programFindings, troubleFindings, unitFindings } from './home.ts'
import { limitFindings } from './limits.ts'
import { certificateFindings, clockFindings } from './time.ts'

const NOW = Date.UTC(2030, 0, 15)
const DAY = 86_400_000
const NONE = { count: 0, paths: [] }
const HOME: HomeFacts = { path: '/rh', is: 'there', ofOthers: NONE, openToOthers: NONE, stale: NONE, hasDevelopment: true }
const LIMITS: LimitFacts = {
  openFiles: 65_536,
  systemFiles: { used: 1, most: 100 },
  somaxconn: 4096,
  inotifyWatches: 65_536,
  processes: { used: 100, most: 30_000, by: 'kernel.pid_max' },
}
const MACHINE = { processors: 2, memoryKb: 4_000_000, availableKb: 2_000_000 }
const DISK: DiskFacts = {
  path: '/rh',
  bytes: 50_000_000_000,
  totalBytes: 100_000_000_000,
  files: 1_000_000,
  totalFiles: 5_000_000,
  isReadOnly: false,
  logBytes: 0,
  releaseBytes: 0,
}
const CLOCK: ClockFacts = { isSynchronised: true, notBefore: NOW - 100 * DAY, newestFile: { path: '/rh/log/a', at: NOW } }
const WELL: Facts = {
  now: NOW,
  home: HOME,
  machine: MACHINE,
  limits: LIMITS,
  disks: [DISK],
  clock: CLOCK,
  certificates: [],
  programs: [{ name: 'nginx', neededBy: ['mfserv'], problem: undefined }],
  daemon: { is: 'running', word: 'RUNNING', because: [] },
  unit: { is: 'there', file: '/etc/systemd/system/mfserv.service' },
  troubles: [],
}

const severities = (findings: readonly Finding[]): string => findings.map(({ severity }) => severity).join()

test('a machine that is well has no finding, and one of which nothing is known neither', () => {
  assert.deepEqual(findingsOf(WELL, 'install'), [])
  const unknown: LimitFacts = {
    openFiles: undefined,
    systemFiles: undefined,
    somaxconn: undefined,
    inotifyWatches: undefined,
    processes: undefined,
  }
  const clock = { isSynchronised: undefined, notBefore: 0, newestFile: undefined }
  const machine = { processors: 1, memoryKb: 0, availableKb: undefined }
  assert.deepEqual(findingsOf({ ...WELL, limits: unknown, clock, machine, disks: [], unit: { is: 'no systemd' } }, 'install'), [])
})

test('a limit of the kernel is told from its edge on', () => {
  for (const [limits, expected] of [
    [{ openFiles: 8192 }, ''],
    [{ openFiles: 8191 }, 'risk'],
    [{ openFiles: 1024 }, 'risk'],
    [{ openFiles: 1023 }, 'broken'],
    [{ systemFiles: { used: 899, most: 1000 } }, ''],
    [{ systemFiles: { used: 900, most: 1000 } }, 'risk'],
    [{ somaxconn: 1024 }, ''],
    [{ somaxconn: 1023 }, 'risk'],
    [{ inotifyWatches: 8192 }, ''],
    [{ inotifyWatches: 8191 }, 'risk'],
    [{ processes: { used: 0, most: 256 } }, ''],
    [{ processes: { used: 1, most: 256 } }, 'risk'],
    [{ processes: { used: 224, most: 256 } }, 'risk'],
    [{ processes: { used: 225, most: 256 } }, 'broken'],
  ] as const) {
    assert.equal(severities(limitFindings({ ...LIMITS, ...limits }, MACHINE, true)), expected, JSON.stringify(limits))
  }
  assert.equal(severities(limitFindings({ ...LIMITS, inotifyWatches: 10 }, MACHINE, false)), '')
  const memory = (memoryKb: number, availableKb: number) =>
    severities(limitFindings(LIMITS, { processors: 1, memoryKb, availableKb }, false))
  assert.deepEqual(
    [memory(4_000_000, 131_072), memory(4_000_000, 131_071), memory(800_000, 100_000), memory(800_000, 99_999)],
    ['', 'risk', '', 'risk'],
  )
})

test('what raises a limit is the command for the limit that is the tightest', () => {
  const fixOf = (by: string) => limitFindings({ ...LIMITS, processes: { used: 90, most: 100, by } }, MACHINE, false)[0]?.fix
  assert.equal(fixOf('kernel.pid_max'), 'sysctl -w kernel.pid_max=400')
  assert.equal(fixOf('pids.max of the control group /a'), 'Raise pids.max of the control group /a')
})

test('a disk is told from its edges on: bytes, files, logs, releases, rights', () => {
  for (const [disk, expected] of [
    [{ bytes: 1_000_000_000 }, ''],
    [{ bytes: 999_999_999 }, 'risk'],
    [{ bytes: 64_000_000 }, 'risk'],
    [{ bytes: 63_999_999 }, 'broken'],
    [{ bytes: 100_000_000, totalBytes: 2_000_000_000 }, ''],
    [{ bytes: 99_999_999, totalBytes: 2_000_000_000 }, 'risk'],
    [{ bytes: 50_000_000, totalBytes: 100_000_000 }, ''],
    [{ files: 20_000 }, ''],
    [{ files: 19_999 }, 'risk'],
    [{ files: 1000 }, 'risk'],
    [{ files: 999 }, 'broken'],
    [{ files: Number.POSITIVE_INFINITY, totalFiles: 0 }, ''],
    [{ logBytes: 24_999_999_999 }, ''],
    [{ logBytes: 25_000_000_000 }, 'risk'],
    [{ releaseBytes: 49_999_999_999 }, ''],
    [{ releaseBytes: 50_000_000_000 }, 'note'],
    [{ isReadOnly: true, bytes: 0 }, 'broken'],
  ] as const) {
    assert.equal(severities(diskFindings({ ...DISK, ...disk })), expected, JSON.stringify(disk))
  }
})

test('a clock is told that is before this mfserv was made, was set back, or is kept by nobody', () => {
  for (const [clock, expected] of [
    [{ notBefore: NOW + DAY }, ''],
    [{ notBefore: NOW + DAY + 1 }, 'broken'],
    [{ newestFile: { path: '/a', at: NOW + 3_599_999 } }, ''],
    [{ newestFile: { path: '/a', at: NOW + 3_600_000 } }, 'risk'],
    [{ isSynchronised: false }, 'risk'],
    [{ isSynchronised: undefined }, ''],
  ] as const) {
    assert.equal(severities(clockFindings({ ...CLOCK, ...clock }, NOW)), expected, JSON.stringify(clock))
  }
  const [back] = clockFindings({ ...CLOCK, newestFile: { path: '/rh/log/a', at: NOW + DAY } }, NOW)
  assert.equal(
    back?.what,
    '/rh/log/a was written at 2030-01-16 00:00 UTC, and it is 2030-01-15 00:00 UTC: the clock was set back',
  )
})

test('a certificate is told before it ends, when it ended, when it has not begun, and when its key is another', () => {
  const certificate: CertificateFacts = { file: '/c.pem', from: NOW - DAY, until: NOW + 30 * DAY, fitsKey: true }
  for (const [one, expected] of [
    [{}, ''],
    [{ until: NOW + 30 * DAY - 1 }, 'note'],
    [{ until: NOW + 14 * DAY }, 'note'],
    [{ until: NOW + 14 * DAY - 1 }, 'risk'],
    [{ until: NOW }, 'risk'],
    [{ until: NOW - 1 }, 'broken'],
    [{ from: NOW }, ''],
    [{ from: NOW + 1 }, 'broken'],
    [{ fitsKey: false, until: NOW - 1 }, 'broken'],
  ] as const) {
    assert.equal(severities(certificateFindings({ ...certificate, ...one }, NOW)), expected, JSON.stringify(one))
  }
})

test('a runtime home is told that is not there, not ours, open to others, or holds what is of others or of nobody', () => {
  const some = { count: 5, paths: ['/rh/a b', '/rh/c', '/rh/d'] }
  const told = (home: Partial<HomeFacts>) =>
    homeFindings({ ...HOME, ...home }).map(({ severity, what, fix }) => [severity, what, fix])
  assert.deepEqual(told({ is: 'missing' }), [['note', 'there is no runtime home /rh yet', 'mfserv.start']])
  assert.deepEqual(told({ is: 'not ours', why: 'no', fix: 'do' }), [['broken', 'no', 'do']])
  assert.deepEqual(told({ openToOthers: { count: 1, paths: ['/rh'] } })[0]?.[2], 'chmod -R go-rwx /rh')
  assert.deepEqual(told({ ofOthers: some })[0]?.slice(0, 2), [
    'broken',
    '/rh/a b, /rh/c, /rh/d and 2 more belong to another user',
  ])
  assert.deepEqual(told({ stale: { count: 1, paths: ['/rh/a b'] } }), [
    ['note', '/rh/a b was left by a process that was killed', "rm -rf '/rh/a b'"],
  ])
})

test('a daemon, a program, a unit and what mfserv says itself are told by how much they matter', () => {
  const word = (one: string) => severities(daemonFindings({ is: 'running', word: one, because: ['x'] }))
  assert.deepEqual(['RUNNING', 'STARTING', 'DEGRADED', 'ERROR'].map(word), ['', 'note', 'risk', 'broken'])
  assert.deepEqual(
    [daemonFindings({ is: 'down' }), daemonFindings({ is: 'gone' }), daemonFindings({ is: 'silent', why: 'x' })].map(severities),
    ['note', 'broken', 'broken'],
  )
  const problem = { what: 'w', fix: 'f', isError: true }
  assert.equal(severities(programFindings({ name: 'php-fpm', neededBy: ['blog'], problem })), 'broken')
  assert.equal(severities(programFindings({ name: 'php-fpm', neededBy: [], problem })), '')
  assert.deepEqual([troubleFindings(problem), troubleFindings({ ...problem, isError: false })].map(severities), [
    'broken',
    'note',
  ])
  assert.equal(severities(unitFindings({ is: 'none' }, 'install')), 'note')
  assert.equal(severities(unitFindings({ is: 'none' }, undefined)), '')
})

test('the worst comes first, and only what is broken makes the exit code 1', () => {
  const findings = findingsOf(
    { ...WELL, unit: { is: 'none' }, limits: { ...LIMITS, somaxconn: 1 }, daemon: { is: 'gone' } },
    'install',
  )
  assert.equal(severities(findings), 'broken,risk,note')
  assert.deepEqual([exitCodeOf(findings), exitCodeOf(findings.slice(1)), exitCodeOf([])], [1, 0, 0])
  for (const { what, why, fix } of findings) assert.ok([what, why, fix].every((text) => text !== '' && !text.endsWith('.')))
})

test('an amount is told in the unit that keeps it short', () => {
  assert.deepEqual([0, 999, 1000, 1_234_567, 999_999_999_999, 5e15].map(amount), [
    '0 bytes',
    '999 bytes',
    '1.0 KB',
    '1.2 MB',
    '1000.0 GB',
    '5000.0 TB',
  ])
})

test('what the sandbox of plugins lacks on this system is told with its fix', () => {
  const has = { noView: undefined, keepsSignals: true }
  assert.deepEqual(findingsOf({ ...WELL, sandbox: has }, 'install'), [])
  const [none] = findingsOf(
    { ...WELL, sandbox: { noView: 'this system refuses a user namespace', keepsSignals: false } },
    'install',
  )
  assert.deepEqual([none?.severity, none?.about], ['risk', 'sandbox'])
  assert.match(
    `${none?.what}\n${none?.fix}`,
    /without a sandbox: this system refuses a user namespace\n.*unprivileged_userns_clone=1/,
  )
  assert.equal(severities(findingsOf({ ...WELL, sandbox: { ...has, keepsSignals: false } }, 'install')), 'note')
})
