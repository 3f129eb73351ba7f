import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { COMMANDS, GROUPS } from '../../src/cli/commands.ts'
import { rewrittenPage } from './reference.ts'

/** `make reference`: what follows from the table of commands, made anew. */
const ROOT = resolve(import.meta.dirname, '../..')
const page = join(ROOT, 'docs/reference/commands.md')

writeFileSync(page, rewrittenPage(readFileSync(page, 'utf8'), { commands: COMMANDS, groups: GROUPS }))
for (const entry of [...COMMANDS, ...GROUPS])
  for (const launcher of [entry.launcher ?? [], 'alias' in entry ? (entry.alias ?? []) : []].flat())
    if (!existsSync(join(ROOT, 'bin', launcher))) symlinkSync('mfserv', join(ROOT, 'bin', launcher))
