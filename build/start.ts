import { areAsTheyWere, readBuilt } from './fresh.ts'

/** What bin/mfserv starts. */
const { slot, quick } = readBuilt()
await import(areAsTheyWere(quick) ? `./${slot}/main.mjs` : '../src/cli/main.ts')
