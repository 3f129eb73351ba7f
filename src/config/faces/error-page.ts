import { Problem, type Where } from '../../problem.ts'

/** What stands for a value in a page for errors, as `{{status}}`. */
export const PLACES = ['status', 'title', 'message', 'request_id'] as const
export type Place = (typeof PLACES)[number]

/** The text between the places of a page at even numbers, their names at odd ones. */
export function partsOfPage(text: string): readonly string[] {
  return text.split(PLACE)
}

const PLACE = new RegExp(String.raw`\{\{ *(${PLACES.join('|')}) *\}\}`)

/** All of it stands in nginx.conf. */
const LONGEST = 65_536
/** More would be a value too long for nginx. */
const MOST_PLACES = 32

export interface ReadPage {
  /** Undefined when mfserv shows its own page. */
  readonly page: string | undefined
  readonly problems: readonly Problem[]
}

/** The page that a key names; `text` is undefined when there is no such file. `where` is that of the key. */
export function readPage(file: string, text: string | undefined, where: Where | undefined): ReadPage {
  if (text === undefined) {
    const message = `error_page names ${file}, which is not there, so the page of mfserv is shown`
    return refused(message, 'Create the file, or remove the line.', where)
  }
  if (text.length > LONGEST) {
    const message = `${file} has more than ${LONGEST} characters, so the page of mfserv is shown`
    return refused(message, 'Leave out pictures and fonts, or let the page load them.', where)
  }
  if (partsOfPage(text).length > 2 * MOST_PLACES + 1) {
    const message = `${file} has more than ${MOST_PLACES} places for values, so the page of mfserv is shown`
    return refused(message, `Leave some of ${PLACES.map((place) => `{{${place}}}`).join(', ')} out.`, where)
  }
  const at = text.search(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/)
  if (at < 0) return { page: text, problems: [] }
  const line = text.slice(0, at).split('\n').length
  const message = `${file} has a control character in line ${line}, so the page of mfserv is shown`
  return refused(message, 'Remove the character.', where)
}

function refused(message: string, fix: string, where: Where | undefined): ReadPage {
  return { page: undefined, problems: [new Problem('ERROR_PAGE', message, fix, where)] }
}
