import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Problem } from '../../problem.ts'
import { isReceipt, type Receipt } from '../../receipt/receipt.ts'
import { writeAtomically } from '../disk/atomic.ts'
import { textOf } from '../disk/text-of.ts'
import type { Paths } from '../home/paths.ts'

/** The receipts of a plugin, oldest first. A line that a power cut left torn is none. */
export function readHistory(plugin: string, paths: Paths): readonly Receipt[] {
  return linesOf(historyFile(plugin, paths)).flatMap((line) => parse(line) ?? [])
}

/** Adds a receipt, which survives a power cut once this answers; of more than `most` the oldest go. */
export function appendHistory(receipt: Receipt, most: number, paths: Paths): void {
  const file = historyFile(receipt.plugin, paths)
  try {
    append(file, JSON.stringify(receipt))
    const lines = linesOf(file)
    if (lines.length > most) writeAtomically(file, `${lines.slice(-most).join('\n')}\n`)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const fix = 'Make room on the disk, or give the user of mfserv the right to write there. The change itself is done.'
    throw new Problem('DISK', `cannot keep the receipt: ${why}`, fix, { file }, cause)
  }
}

function append(file: string, line: string): void {
  mkdirSync(dirname(file), { recursive: true })
  const isTorn = !/(^|\n)$/.test(textOf(file) ?? '')
  const opened = openSync(file, 'a', 0o600)
  try {
    writeSync(opened, `${isTorn ? '\n' : ''}${line}\n`)
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}

function linesOf(file: string): readonly string[] {
  return (textOf(file) ?? '').split('\n').filter((line) => line !== '')
}

function parse(line: string): Receipt | undefined {
  try {
    const receipt: unknown = JSON.parse(line)
    return isReceipt(receipt) ? receipt : undefined
  } catch (error) {
    // Torn by a power cut.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

export function historyFile(plugin: string, { history }: Paths): string {
  return join(history, `${plugin}.jsonl`)
}
