import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { NO_TRUST } from '../../../src/host/package/trust.ts'
import { unpackPackage } from '../../../src/host/package/unpack.ts'
import { Problem } from '../../../src/problem.ts'

/* Unpacks a release, and prints how that ended and what is left: unpack-into.ts FILE DIRECTORY */
const [, , file = '', directory = ''] = process.argv
const code = await unpackPackage(file, directory, { trust: NO_TRUST }).then(
  () => 'unpacked',
  (error: unknown) => (error instanceof Problem ? error.code : String(error)),
)
console.log(JSON.stringify({ code, left: readdirSync(dirname(directory)) }))
