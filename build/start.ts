import { areAsTheyWere, readBuilt } from './fresh.ts'
import { takeKeptCode } from './kept-code.ts'

/** What bin/mfserv starts. */
takeKeptCode()
const { slot, quick } = readBuilt()
await import(areAsTheyWere(quick) ? `./${slot}/main.mjs` : '../src/cli/main.ts')
