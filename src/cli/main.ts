import { runCommand } from './run.ts'

/** Node ends when there is nothing left to wait for: then a command that has no answer yet must not look like a success. */
const NO_ANSWER = 13

process.exitCode = NO_ANSWER
/** Whoever loads this file runs a command. */
export const ended = runCommand(process.argv.slice(2)).then(() => {
  if (process.exitCode === NO_ANSWER) process.exitCode = 0
})
