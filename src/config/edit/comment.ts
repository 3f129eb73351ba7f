const COMMENT_WIDTH = 78

/** In lines of readable length, each with a `#`. */
export function comment(doc: string): string {
  const lines: string[] = []
  let current = '#'
  for (const word of doc.split(' ')) {
    const longer = `${current} ${word}`
    const fits = current === '#' || longer.length <= COMMENT_WIDTH
    if (!fits) lines.push(current)
    current = fits ? longer : `# ${word}`
  }
  return [...lines, current].join('\n')
}
