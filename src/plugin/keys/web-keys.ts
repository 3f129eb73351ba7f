import type { Read } from '../../config/value.ts'
import { key } from '../key.ts'

/** Without what means nothing in it. No part of it is hidden: nginx serves what is below. */
const appDirectory: Read<string> = (written) => {
  if (written === '' || written === 'null') return { value: '' }
  const parts = written.split('/').filter((part) => part !== '' && part !== '.')
  const isSafe = !written.startsWith('/') && parts.every((part) => /^[^.\s"'\\{}$;][^\s"'\\{}$;]*$/.test(part))
  if (!isSafe) return { expected: 'a directory in the plugin, relative to it, such as public, or . for the plugin itself' }
  return { value: parts.length === 0 ? '.' : parts.join('/') }
}

const extensions: Read<readonly string[]> = (written) => {
  const value = (written === 'null' ? '' : written.toLowerCase())
    .split(/[\s,;]+/)
    .flatMap((part) => part.replace(/^\./, '') || [])
  const isRight = value.every((one) => /^[a-z0-9_-]{1,32}$/.test(one) && !/^ph(p\d?|tml|ps|ar)$/.test(one))
  return isRight ? { value } : { expected: 'extensions of files such as css js png, none of them one of PHP' }
}

/** Where the files of an app are, and how they are served. */
export const WEB_KEYS = {
  directory: key(
    'directory / _directory',
    appDirectory,
    '',
    'The directory of the code and the files of the app, relative to the plugin, such as public; . is the plugin itself. Empty: a directory with the name of the app.',
  ),
  static_extensions: key(
    'static_extensions / _static_extensions',
    extensions,
    '',
    'For static: only files with these extensions are served, such as html css js png. Empty: all files, and with directory = . those that pages are made of.',
  ),
}
