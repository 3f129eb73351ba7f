import { areAsTheyWere, readBuilt, SOURCES } from './fresh.ts'
import { takeKeptCode } from './kept-code.ts'

/** What bin/mfserv starts. */
takeKeptCode()
const { slot, quick } = readBuilt()
// Node's loader of modules takes twice the time of `require` for a bundle.
if (areAsTheyWere(quick)) require(`./${slot}/main.cjs`)
else void import(SOURCES)
