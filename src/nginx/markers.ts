import { comment, from, lines, type NginxText, verbatim } from './quote.ts'

const BEGIN = '>>> plugin '
const END = '<<< plugin '

/** Encloses what stands in nginx.conf because of one plugin, so that a line or a value of it can be traced back. */
export function ofPlugin(plugin: string, texts: readonly (NginxText | undefined)[]): NginxText | undefined {
  if (texts.every((text) => text === undefined)) return undefined
  return lines([comment(`${BEGIN}${plugin}`), from(plugin, lines(texts)), comment(`${END}${plugin}`)])
}

/** A plugin's own text for nginx.conf. A line in it that looks like a marker loses that look. */
export function ownText(text: string | undefined): NginxText | undefined {
  if (text === undefined || text.trim() === '') return undefined
  return verbatim(text.replace(/^([ \t]*)#(?= (?:>>>|<<<) plugin )/gm, '$1##'))
}

/** The plugin that line `line` (from 1) of a rendered nginx.conf belongs to. */
export function pluginAtLine(text: string, line: number): string | undefined {
  let plugin: string | undefined
  for (const [index, written] of text.split('\n').entries()) {
    const mark = written.trimStart()
    if (mark.startsWith(`# ${BEGIN}`)) plugin = mark.slice(`# ${BEGIN}`.length)
    if (index + 1 === line) return plugin
    if (mark.startsWith(`# ${END}`)) plugin = undefined
  }
  return undefined
}

/** The plugins that say in a rendered nginx.conf how their requests are logged: mfserv itself says it nowhere in their part. */
export function pluginsWithAccessLog(text: string): readonly string[] {
  const found = new Set<string>()
  let plugin: string | undefined
  for (const written of text.split('\n')) {
    const mark = written.trimStart()
    if (mark.startsWith(`# ${BEGIN}`)) plugin = mark.slice(`# ${BEGIN}`.length)
    if (plugin !== undefined && /(?:^|[;{}])\s*access_log\s/.test(mark)) found.add(plugin)
    if (mark.startsWith(`# ${END}`)) plugin = undefined
  }
  return [...found]
}
