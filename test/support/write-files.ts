import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Writes each of these files below a directory, with the directories on its way. Answers the directory. */
export function writeFiles(home: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(home, { recursive: true })
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true })
    writeFileSync(join(home, path), text)
  }
  return home
}
