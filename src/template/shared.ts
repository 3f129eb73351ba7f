import { APP_KEYS, GENERAL_KEYS } from '../plugin/keys.ts'
import { templateValues } from '../plugin/rewrite/config-ini-text.ts'
import type { Answers, Question } from './questions.ts'
import type { TemplateFile } from './template.ts'

const GENERAL = templateValues(GENERAL_KEYS)
const APP = templateValues(APP_KEYS)

const CRONTAB = { no: 'no cron jobs', yes: 'a file "crontab" for jobs that run at certain times' }
const LICENSES = {
  Proprietary: 'nobody else may use it',
  BSD: 'everybody may use and change it, and keeps your name in it',
  MIT: 'the same, in fewer words',
  GPL: 'the same, and what is made of it has to be GPL too',
  Specific: 'a license of your own',
}

/** Every template asks these first and in this order. */
export function generalQuestions(summary: string, crontab: 'crontab' | 'no crontab'): readonly Question[] {
  const crontabQuestion: Question = { kind: 'choice', name: 'crontab_support', choices: ['no', 'yes'], says: CRONTAB }
  return [
    { kind: 'text', name: 'version', fallback: answerTo('version', GENERAL), check: GENERAL_KEYS.version.read },
    { kind: 'text', name: 'one_line_summary', fallback: summary },
    ...(crontab === 'crontab' ? [crontabQuestion] : []),
    { kind: 'choice', name: 'license', choices: Object.keys(LICENSES), says: LICENSES },
    { kind: 'text', name: 'url', fallback: answerTo('url', GENERAL) },
    { kind: 'text', name: 'maintainer', fallback: answerTo('maintainer', GENERAL) },
    { kind: 'text', name: 'vendor', fallback: answerTo('vendor', GENERAL) },
  ]
}

export function workersQuestion(fallback: string): Question {
  return { kind: 'text', name: 'workers', fallback, check: APP_KEYS.workers.read }
}

/** An answer: nothing is written for a question that nobody asked. */
export function answerTo(name: string, answers: Answers): string {
  const value = answers[name]
  if (value === undefined) throw new Error(`there is no answer to ${name}`)
  return value
}

/** The `[general]` section from the answers to `generalQuestions`. */
export function general(answers: Answers): Readonly<Record<string, string>> {
  return {
    version: answerTo('version', answers),
    summary: answerTo('one_line_summary', answers),
    license: answerTo('license', answers),
    url: answerTo('url', answers),
    maintainer: answerTo('maintainer', answers),
    vendor: answerTo('vendor', answers),
  }
}

/** The files of every plugin, and the crontab of one that wants it. */
export function everyPlugin(answers: Answers): readonly TemplateFile[] {
  const crontab = answers['crontab_support'] === 'yes' ? [{ path: 'crontab', source: '_every/crontab' }] : []
  return [
    { path: 'README.md', source: '_every/README.md' },
    { path: 'Makefile', source: '_every/Makefile' },
    { path: '.gitignore', source: '_every/gitignore' },
    { path: '.releaseignore', source: '_every/releaseignore' },
    { path: '.autorestart_includes', source: '_every/autorestart_includes' },
    { path: '.autorestart_excludes', source: '_every/autorestart_excludes' },
    { path: '.layerapi2_label', source: '_every/layerapi2_label' },
    ...crontab,
  ]
}

/** What templates write for an app with workers, without the keys that mean nothing to it. */
export function appDefaults(leftOut: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(APP).filter(([key]) => !leftOut.includes(key)))
}

/** What templates write for these keys of an app. */
export function appDefaultsOf(keys: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(APP).filter(([key]) => keys.includes(key)))
}
