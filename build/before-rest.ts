import { readBuilt } from './fresh.ts'
import { fromSourcesUnless } from './from-sources.ts'

fromSourcesUnless(readBuilt().rest)
