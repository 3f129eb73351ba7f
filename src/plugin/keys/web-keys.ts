import { flag, type Read, shaped } from '../../config/value.ts'
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
    'Which files nginx serves, such as css js png. For php with a front_controller: those beside the scripts; empty: what pages need, such as styles, scripts for the browser, images and fonts. For static: only these; empty: all files, and with directory = . those that pages are made of.',
  ),
  front_controller: key(
    'front_controller / _front_controller',
    shaped(/^\w[\w.-]*\.php$/, 'the name of a script in the directory of the app, such as index.php'),
    '',
    'For php: the script that answers every URL that is neither a file nor another script, such as index.php, as Laravel, Symfony, Slim and WordPress need it. Empty: each directory has its own index.php, and nothing else is served.',
  ),
  fallback: key(
    'fallback / _fallback',
    shaped(/^(?!.*(^|\/)\.)[^/\s"'\\{}$;][^\s"'\\{}$;]*$/, 'the name of a file in the directory of the app, such as index.html'),
    '',
    'For static: the file that answers every URL that is no file, such as index.html of a single-page application. A missing style, script, image or font stays 404. Empty: 404.',
  ),
  directory_listing: key(
    'directory_listing / _directory_listing',
    flag,
    '0',
    '1: for static, a directory without an index.html shows what is in it. Names that begin with a dot are left out.',
  ),
  sticky: key(
    'sticky / _sticky',
    flag,
    '0',
    '1: requests of one client go to the same worker as long as it lives, by a cookie. Needed where a worker keeps in its memory what the next request of the client needs, such as socket.io with polling.',
  ),
}
