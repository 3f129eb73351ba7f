import { renameSync, rmSync } from 'node:fs'
import type { Server } from 'node:net'
import { dirname, join } from 'node:path'
import { digest } from '../disk/digest.ts'

const BACKLOG = 1024

/**
 * Listens on a socket that only this user may open. It takes the place of one that is there in one step: who connects meets the
 * one before or this one. It is made under another name because a server that closes removes the name it was made under, and
 * that must not be the socket of the one that has taken its place since.
 */
export async function listenInPlace(server: Server, path: string): Promise<void> {
  // Shorter than any name of ours, because a path of a socket has at most 107 bytes; the same each time, for the words of an error.
  const made = join(dirname(path), `.${process.pid}${digest(path).slice(0, 4)}`)
  rmSync(made, { force: true })
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', () => {
      server.off('error', reject)
      resolve()
    })
  })
  // The socket is made before this call returns. The mask is that of the whole process, so nothing else may be done meanwhile.
  const mask = process.umask(0o177)
  server.listen({ path: made, backlog: BACKLOG })
  process.umask(mask)
  await listening
  try {
    renameSync(made, path)
  } catch (error) {
    server.close()
    throw error
  }
}
