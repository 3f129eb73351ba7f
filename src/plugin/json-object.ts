export type JsonObject = Readonly<Record<string, unknown>>

/** The first mistake in a JSON file, in words that can stand behind its name. */
export interface JsonMistake {
  readonly mistake: string
  readonly line: number
}

export const JSON_FIX = 'Correct it: names and texts stand in double quotes, no comma after the last entry, no comments.'

/** The object of a JSON file such as package.json, or why it is none. */
export function readJsonObject(text: string): { readonly value: JsonObject } | (JsonMistake & { readonly cause?: unknown }) {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    if (isJsonObject(value)) return { value }
    return { mistake: 'is not a JSON object', line: 1 }
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    return { mistake: `is not JSON: ${message}`, line: lineOf(message, text), cause }
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Where the parser names no line it came to the end of the text. */
function lineOf(message: string, text: string): number {
  const last = text.trimEnd().split('\n').length
  return Math.min(Number(/line (\d+)/.exec(message)?.[1] ?? last), last)
}
