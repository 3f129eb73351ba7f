import { map } from '../headers.ts'
import { bare, type NginxText, nginx } from '../quote.ts'

/** What one kind of answer says. */
interface Words {
  /** As RFC 9110 has it. */
  readonly phrase: string
  /** For a visitor, as a heading. */
  readonly title: string
  /** What a visitor can do. */
  readonly advice: string
}

const CHECK_FORM = 'If you sent a form, check first whether it has arrived.'

const BY_STATUS: Readonly<Record<number, Words>> = {
  400: {
    phrase: 'Bad Request',
    title: 'This request cannot be read',
    advice: 'Reload the page. If that does not help, delete the cookies of this site.',
  },
  401: { phrase: 'Unauthorized', title: 'Sign in first', advice: 'This page needs a name and a password.' },
  403: { phrase: 'Forbidden', title: 'No access', advice: 'You may not see this page. Ask whoever runs this site for access.' },
  404: {
    phrase: 'Not Found',
    title: 'Page not found',
    advice: 'There is nothing at this address. Check the address, or go back.',
  },
  405: {
    phrase: 'Method Not Allowed',
    title: 'Not possible here',
    advice: 'This address does not take requests of this kind. Go back to the page before.',
  },
  413: {
    phrase: 'Content Too Large',
    title: 'Too much data',
    advice: 'What you sent is larger than this server takes. Send a smaller file.',
  },
  414: {
    phrase: 'URI Too Long',
    title: 'The address is too long',
    advice: 'This server does not take an address of this length. Go back to the page before.',
  },
  416: {
    phrase: 'Range Not Satisfiable',
    title: 'This part does not exist',
    advice: 'The file is shorter than the part that was asked for. Load it anew.',
  },
  429: {
    phrase: 'Too Many Requests',
    title: 'Too many requests',
    advice: 'You sent many requests in a short time. Wait a few seconds, then try again.',
  },
  431: {
    phrase: 'Request Header Fields Too Large',
    title: 'The cookies are too large',
    advice: 'Delete the cookies of this site, then try again.',
  },
  500: { phrase: 'Internal Server Error', title: 'Something went wrong', advice: 'Try again in a few minutes.' },
  502: {
    phrase: 'Bad Gateway',
    title: 'No answer',
    advice: `The application ended before it answered. Try again. ${CHECK_FORM}`,
  },
  503: {
    phrase: 'Service Unavailable',
    title: 'Not available now',
    advice: 'The application cannot answer now. Try again in a few seconds.',
  },
  504: {
    phrase: 'Gateway Timeout',
    title: 'It took too long',
    advice: `The application did not answer in time. Try again in a few minutes. ${CHECK_FORM}`,
  },
}

/** Why the whole of an application answers 503. */
export const REASONS = ['stopped', 'maintenance', 'paused', 'failing'] as const
export type Reason = (typeof REASONS)[number]

const UNAVAILABLE = 'Service Unavailable'

/** Names of plugins have no character that HTML or JSON would have to escape. */
const BY_REASON: Readonly<Record<Reason, { readonly phrase: string; readonly title: string; readonly advice: NginxText }>> = {
  stopped: { phrase: UNAVAILABLE, title: 'Stopped', advice: nginx`"The plugin $mfserv_plugin is stopped. Try again later."` },
  failing: {
    phrase: UNAVAILABLE,
    title: 'Not available now',
    advice: nginx`"This application failed to start. It is tried again in $mfserv_retry_after s."`,
  },
  paused: {
    phrase: UNAVAILABLE,
    title: 'Not available now',
    advice: nginx`"This application is paused. Try again in a few seconds."`,
  },
  maintenance: {
    phrase: UNAVAILABLE,
    title: 'Under maintenance',
    advice: nginx`"This application is in maintenance. Try again later."`,
  },
}

/** Other answers of nginx that have no words of their own. */
const OTHER = [408, 409, 411, 412, 415, 421, 495, 496, 497, 501, 505, 507]
const ANY: Words = { phrase: 'Error', title: 'Something went wrong', advice: 'Go back to the page before, or try again later.' }

const WITH_WORDS = Object.keys(BY_STATUS).map(Number)

/** Every answer of nginx itself that gets a face under its own status. */
export const FACED: readonly number[] = [...WITH_WORDS.filter((status) => status !== 431), ...OTHER]

/** Those that a location can come to; the others are given before nginx has one. Each is a record in each of them. */
export const FACED_IN_LOCATIONS: readonly number[] = [...WITH_WORDS.filter((status) => status !== 414 && status !== 431), 412]

/** `$mfserv_face_phrase`, `$mfserv_face_title` and `$mfserv_face_advice`. */
export function wordVariables(): readonly NginxText[] {
  return (['phrase', 'title', 'advice'] as const).map((part) =>
    map(nginx`"$mfserv_reason$status"`, `mfserv_face_${part}`, [
      nginx`volatile;`,
      nginx`default ${ANY[part]};`,
      ...Object.entries(BY_STATUS).map(([status, words]) => nginx`${bare(status)} ${words[part]};`),
      ...REASONS.map((reason) => nginx`${bare(reason)}503 ${BY_REASON[reason][part]};`),
    ]),
  )
}
