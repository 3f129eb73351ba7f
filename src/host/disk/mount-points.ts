import { readFileSync } from 'node:fs'

/**
 * Where something is mounted, as the kernel tells this process (man 5 proc_pid_mountinfo). The number of a file's disk does not tell
 * it: on an overlay, which containers have, files have another one than the directory that they are in.
 */
export function mountPoints(): readonly string[] {
  return pointsIn(readFileSync('/proc/self/mountinfo', 'utf8'))
}

/** A blank, a tab, a line break or a backslash in a path stands there in octal. */
export function pointsIn(mountinfo: string): readonly string[] {
  return mountinfo
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path !== '')
    .map((path) => path.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8))))
}

/**
 * The first that is one of these paths or below one: such a path cannot be put aside, and who removes it removes what is on the other
 * disk.
 */
export function mountedIn(paths: readonly string[], points: readonly string[]): string | undefined {
  return points.find((point) => paths.some((path) => point === path || point.startsWith(`${path}/`)))
}
