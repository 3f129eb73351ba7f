import { Problem } from '../problem.ts'
import type { SourceFile } from './layer-files.ts'

/** One daemon reads the files of every plugin: none may be so large that reading it keeps the others waiting. */
const MOST_BYTES = 1 << 20
const MOST_LINES = 5000

/** The problem with a config.ini, an override file or a crontab that no person writes. `fix`: how such a file is made smaller. */
export function sizeProblem({ file, text }: SourceFile, fix: string): Problem | undefined {
  // In UTF-16 units, of which a text never has more than bytes.
  if (text.length > MOST_BYTES) return new Problem('TOO_LARGE', `it has more than ${MOST_BYTES} bytes`, fix, { file })
  let lines = 0
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) {
    lines += 1
    if (lines === MOST_LINES && end + 1 < text.length) {
      return new Problem('TOO_LARGE', `it has more than ${MOST_LINES} lines`, fix, { file, line: MOST_LINES + 1 })
    }
  }
  return undefined
}
