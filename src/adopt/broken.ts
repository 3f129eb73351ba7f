import { JSON_FIX, readJsonObject } from '../plugin/json-object.ts'
import { readToml } from '../plugin/python/toml.ts'
import { Problem } from '../problem.ts'
import { misreadLines } from './procfile.ts'
import { type AppTree, isWhole } from './tree.ts'

/** Files by which an application is recognised or built, and that cannot be read as what they are: the build would stop at them. */
export function brokenFiles(tree: AppTree, directory: string): readonly Problem[] {
  return ['Procfile', 'package.json', 'composer.json', 'pyproject.toml'].flatMap((path) => {
    const text = tree.lines(path).join('\n')
    if (text.trim() === '' || !isWhole(text)) return []
    return text.includes('\0') ? [notUtf8(path, directory)] : mistakesIn(tree, path, text, directory)
  })
}

function mistakesIn(tree: AppTree, path: string, text: string, directory: string): readonly Problem[] {
  const refused = (message: string, fix: string, line: number): Problem =>
    new Problem('ADOPT_REFUSED', message, `${fix} Nothing was written.`, { file: `${directory}/${path}`, line })
  if (path === 'Procfile') return misreadLines(tree).map(({ message, fix, line }) => refused(message, fix, line))
  if (path.endsWith('.json')) {
    const read = readJsonObject(text)
    return 'value' in read ? [] : [refused(`${path} ${read.mistake}`, JSON_FIX, read.line)]
  }
  const read = readToml(text)
  if ('table' in read) return []
  return [refused(`${path} cannot be read: ${read.mistake}`, `Correct line ${read.line}, or the one before it.`, read.line)]
}

/** Every second byte of UTF-16 is 0 where Latin letters are written. */
function notUtf8(path: string, directory: string): Problem {
  const fix = `Save it as UTF-8, or: iconv -f UTF-16 -t UTF-8 ${path} > new && mv new ${path}`
  return new Problem('NOT_UTF8', `${path} is not UTF-8 but UTF-16`, fix, { file: `${directory}/${path}` })
}
