import type { IncomingMessage } from 'node:http'

/** In this much of an answer a test looks for its text. */
const MOST_BYTES = 1 << 20

/** The beginning of the body of an answer. A longer one is broken off: what an app sends has no bound. Rejects when it ends too early. */
export async function beginningOfBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  // To leave the loop is to destroy the response.
  for await (const chunk of response) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= MOST_BYTES) break
  }
  return Buffer.concat(chunks).subarray(0, MOST_BYTES).toString('utf8')
}
