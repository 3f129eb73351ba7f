import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import process from 'node:process'
import { pathToFileURL } from 'node:url'

/** Loaded before the tests of one mutant: gives them its text in place of the file that is named. */
const { MUTATED_FILE: file = '', MUTATED_TEXT: text = '' } = process.env
const url = pathToFileURL(file).href

registerHooks({
  load: (asked, context, next) =>
    asked === url ? { format: 'module', source: readFileSync(text, 'utf8'), shortCircuit: true } : next(asked, context),
})
