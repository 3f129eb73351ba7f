export interface Table {
  readonly title: string
  /** Absent for a table of facts, where the first column says what the second holds. */
  readonly head?: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A box of single lines with its title in the upper one. A cell may have several lines. */
export function box({ title, head, rows }: Table): string {
  const all = head === undefined ? rows : [head, ...rows]
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.flatMap((row) => linesOf(row[column]).map(lengthOf))))
  const lacking = lengthOf(title) - (widths.reduce((sum, width) => sum + width + 3, 0) - 1)
  const last = widths.length - 1
  const fitting = widths.map((width, column) => (column === last ? width + Math.max(0, lacking) : width))
  const line = (left: string, middle: string, right: string): string =>
    `${left}${fitting.map((width) => '─'.repeat(width + 2)).join(middle)}${right}`
  const top = line('┌', '┬', '┐')
  return [
    `┌${title}${top.slice(1 + lengthOf(title))}`,
    ...(head === undefined ? [] : [...rowLines(head, fitting), line('├', '┼', '┤')]),
    ...rows.flatMap((row) => rowLines(row, fitting)),
    line('└', '┴', '┘'),
  ].join('\n')
}

function rowLines(row: readonly string[], widths: readonly number[]): readonly string[] {
  const cells = row.map(linesOf)
  const height = Math.max(...cells.map((lines) => lines.length))
  return Array.from({ length: height }, (_, index) => {
    const padded = widths.map((width, column) => pad(cells[column]?.[index] ?? '', width))
    return `│ ${padded.join(' │ ')} │`
  })
}

function linesOf(cell: string | undefined): readonly string[] {
  return (cell ?? '').split('\n')
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(width - lengthOf(text))
}

/** In characters, not in UTF-16 units. */
function lengthOf(text: string): number {
  return [...text].length
}

/** Aligned columns without a frame, for lines that are to be searched and cut; no blanks at the end of a line. */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => lengthOf(row[column] ?? ''))))
  return rows.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
