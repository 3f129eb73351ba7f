import { enableCompileCache } from 'node:module'
import { keepCompiled } from './compiled.ts'
import { areAsTheyWere, readBuilt, SOURCES } from './fresh.ts'
import { keptCode } from './kept-code.ts'

/** What bin/mfserv starts. */
const directory = keptCode()
const { slot, quick } = readBuilt()
// Node's loader of modules takes twice the time of `require` for a bundle.
if (areAsTheyWere(quick)) {
  if (directory !== undefined) keepCompiled(directory)
  require(`./${slot}/main.cjs`)
} else {
  if (directory !== undefined) enableCompileCache(directory)
  void import(SOURCES)
}
