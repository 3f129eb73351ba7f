/** Whether a value names a file: the original wrote /dev/null for none. */
export function isFile(value: string): boolean {
  return value !== '' && value !== '/dev/null'
}
