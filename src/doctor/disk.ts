import type { DiskFacts } from './facts.ts'
import { amount, type Finding } from './finding.ts'

const MB = 1_000_000
/** Less, and a release can hardly be unpacked. */
const FEWEST_BYTES = 64 * MB
const ENOUGH_BYTES = 1000 * MB
const ENOUGH_SHARE = 0.05
const FEWEST_FILES = 1000
const ENOUGH_FILES = 20_000
const LOG_SHARE = 0.25
const RELEASE_SHARE = 0.5

/** Whether there is room for what will be written, and who takes it. */
export function diskFindings(disk: DiskFacts): readonly Finding[] {
  if (disk.isReadOnly) {
    return [
      {
        severity: 'broken',
        about: 'disk',
        what: `${disk.path} is on a file system that cannot be written`,
        why: 'mfserv serves what it has, and can neither start nor change anything; a disk with errors is mounted so by the kernel',
        fix: `Look at why with "dmesg | tail -50", then: mount -o remount,rw "$(findmnt -no TARGET -T ${disk.path})"`,
      },
    ]
  }
  return [...bytes(disk), ...files(disk), ...takers(disk)]
}

function bytes({ path, bytes: left, totalBytes }: DiskFacts): readonly Finding[] {
  if (left >= Math.min(ENOUGH_BYTES, totalBytes * ENOUGH_SHARE) && left >= Math.min(FEWEST_BYTES, totalBytes / 2)) return []
  return [
    {
      severity: left < FEWEST_BYTES ? 'broken' : 'risk',
      about: 'disk',
      what: `${amount(left)} of ${amount(totalBytes)} are free where ${path} is`,
      why: 'on a full disk no release is installed, no log is written, and apps fail as they like',
      fix: `Find what takes it: du -xh --max-depth=3 ${path} | sort -h | tail -20`,
    },
  ]
}

function files({ path, files: left, totalFiles }: DiskFacts): readonly Finding[] {
  if (!Number.isFinite(left) || left >= Math.min(ENOUGH_FILES, totalFiles * ENOUGH_SHARE)) return []
  return [
    {
      severity: left < FEWEST_FILES ? 'broken' : 'risk',
      about: 'disk',
      what: `${left} more files can be made where ${path} is, of ${totalFiles}`,
      why: 'each file takes an inode, and node_modules alone may have 50,000; without one left nothing is made, however many bytes are free',
      fix: `Find where they are: du -x --inodes --max-depth=3 ${path} | sort -n | tail -20`,
    },
  ]
}

function takers({ path, totalBytes, logBytes, releaseBytes }: DiskFacts): readonly Finding[] {
  const logs: readonly Finding[] =
    logBytes < totalBytes * LOG_SHARE
      ? []
      : [
          {
            severity: 'risk',
            about: 'disk',
            what: `the logs below ${path} take ${amount(logBytes)} of a disk of ${amount(totalBytes)}`,
            why: 'they are bounded one by one; with many plugins the sum may be more than the disk has',
            fix: 'mfserv config set log.max_size_before_rotation 20000000',
          },
        ]
  const releases: readonly Finding[] =
    releaseBytes < totalBytes * RELEASE_SHARE
      ? []
      : [
          {
            severity: 'note',
            about: 'disk',
            what: `the releases below ${path} take ${amount(releaseBytes)} of a disk of ${amount(totalBytes)}`,
            why: 'a release that is installed needs room beside those that are kept',
            fix: 'mfserv config set releases.keep 2',
          },
        ]
  return [...logs, ...releases]
}
