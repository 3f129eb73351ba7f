const LONGEST_LINE = 240
const WHOLE_LINES = 60
const FIRST_LINES = 4
const LAST_LINES = 6
const MOST_DECISIVE = 24

/** What says why a build failed, in the words of compilers, setuptools, uv and pip. */
const DECISIVE =
  /(?:^|[\s:])(?:fatal )?error:|\b[A-Z]\w*(?:Error|Exception):|no matching distribution|no solution found|because |not found|could not|cannot |can't |no such file|unable to|unsatisfiable|requires? |conflict|mismatch|refused|timed out|denied|hint:/i

/** They only say that something failed, which another line says better. */
const EMPTY_WORDS =
  /^error: (?:failed to (?:build|fetch|prepare)|subprocess-exited-with-error|command ['"[]|metadata-generation-failed|legacy-install-failure|failed-wheel-build)|^(?:error: )?could not build wheels|non-zero exit status|× |note: this/i

/**
 * What a tool wrote, short enough to be read: its first lines, every line that says why, and its last ones. No line of it is
 * longer than a screen.
 */
export function condensed(output: string): string {
  const lines = output.split('\n').map((line) => shortened(line.trimEnd()))
  if (lines.length <= WHOLE_LINES) return lines.join('\n').trim()
  const decisive = lines.flatMap((line, index) => (DECISIVE.test(line) ? [index] : []))
  const kept = new Set([
    ...lines.keys().filter((index) => index < FIRST_LINES || index >= lines.length - LAST_LINES),
    ...decisive.slice(0, MOST_DECISIVE / 2),
    ...decisive.slice(-MOST_DECISIVE / 2),
  ])
  const shown = lines.flatMap((line, index) => (kept.has(index) ? [line] : kept.has(index - 1) ? ['  …'] : []))
  return shown.join('\n').trim()
}

function shortened(line: string): string {
  const half = LONGEST_LINE / 2
  return line.length <= LONGEST_LINE ? line : `${line.slice(0, half)} … ${line.slice(-half)}`
}

/** The line that says why, such as `Error: pg_config executable not found.`; undefined when none does. */
export function decisiveLine(output: string): string | undefined {
  const lines = output.split('\n').map((line) => shortened(line.trim()))
  const telling = lines.filter(
    (line) => DECISIVE.test(line) && !EMPTY_WORDS.test(line) && !/^(?:\[\w+\] )?hint:|warning:/i.test(line),
  )
  const [strong] = telling.filter((line) => STRONG.test(line))
  return strong ?? telling[0]
}

const STRONG =
  /(?:^|[\s:])(?:fatal )?error: |\b[A-Z]\w*(?:Error|Exception): |no matching distribution|because |not found|no such file|unsatisfiable|mismatch/i

/** `psycopg2==2.8.3`, which did not build; undefined when the tool names none. */
export function failedPackage(output: string): string | undefined {
  const patterns = [
    /failed to (?:build|download and build|prepare|fetch|download) [`']([^`'\n]+)[`']/i,
    /failed building wheel for (\S+)/i,
    /could not build wheels for ([\w.-]+)/i,
    /no matching distribution found for ([^\s(]+)/i,
    /there (?:is|are) no versions? of ([^\s,]+)/i,
    /because ([\w.-]+) was not found/i,
  ]
  for (const pattern of patterns) {
    const found = pattern.exec(output)?.[1]
    if (found !== undefined) return found
  }
  return undefined
}

/** An index that wants to know who asks. */
export interface ClosedIndex {
  readonly url: string
  readonly status: string
}

/** What uv and pip say of one: that a package is not found comes first, which sends people to the wrong line. */
export function closedIndex(output: string): ClosedIndex | undefined {
  const uv = /index URL \((\S+)\) could not be queried due to a lack of valid authentication credentials \((40[13])/.exec(output)
  const pip = /(40[13]) (?:Client )?Error[^\n]*? for (?:url: )?(https?:\S+)/.exec(output)
  const url = uv?.[1] ?? pip?.[2]
  const status = uv?.[2] ?? pip?.[1]
  return url === undefined || status === undefined ? undefined : { url, status }
}

const PARTS: readonly (readonly [RegExp, string])[] = [
  [
    /Multiple top-level (?:packages|modules) discovered|Unable to determine which files to ship/i,
    'Where the application is no package that anybody installs: write package = false below [tool.uv] in pyproject.toml.',
  ],
  [
    /Git operation failed|git (?:clone|fetch)[^\n]*(?:failed|did not run)/i,
    'Check that the repository can be reached from this machine.',
  ],
  [
    /pg_config executable not found/i,
    'Install what it is compiled with (Debian: apt install libpq-dev python3-dev gcc), or take psycopg2-binary.',
  ],
  [/Python\.h: No such file/i, 'Install the headers of Python (Debian: apt install python3-dev).'],
  [
    /mysql_config|MySQL headers|libmysqlclient/i,
    'Install what it is compiled with (Debian: apt install libmariadb-dev python3-dev gcc).',
  ],
  [
    /(?:command|error:|unable to execute) '?(?:[\w-]*gcc|cc|c\+\+|g\+\+)'?(?: failed)?: No such file|No such file or directory: '(?:[\w-]*gcc|cc|g\+\+)'/i,
    'Install a compiler (Debian: apt install build-essential python3-dev).',
  ],
  [/ffi\.h: No such file/i, 'Install what it is compiled with (Debian: apt install libffi-dev).'],
]

/** What the machine lacks for a compilation, and how to get it; undefined when it is something else. */
export function missingPart(output: string): string | undefined {
  return PARTS.find(([pattern]) => pattern.test(output))?.[1]
}
