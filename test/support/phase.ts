import assert from 'node:assert/strict'

const PATIENCE_MS = 20_000
const LOOK_MS = 5

/** Asks again until there is an answer; the bound only keeps a broken test from hanging. */
export async function phase<T>(name: string, ask: () => T | undefined): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const answer = ask()
    if (answer !== undefined) return answer
    assert.ok(performance.now() < deadline, `it never came to this: ${name}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

/** The same for something that is so or not. */
export async function until(name: string, isSo: () => boolean): Promise<void> {
  await phase(name, () => isSo() || undefined)
}
