import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { bytesOf, sizeOf } from './log-bytes.ts'
import { copiesOf, fileOf, type LogFiles } from './log-chain.ts'

/** So many bytes before the place where we go on tell whether the file is still the one we read. */
const ANCHOR_BYTES = 64
/** So many of its beginning tell whether a copy is still in the log. */
const COMPARED_BYTES = 4096

/** Where a cursor stands, as JSON can keep it. */
export interface LogPlace {
  /** The name of the copy that is read; null: the file in use. */
  readonly copy: string | null
  readonly offset: number
  readonly behind: string
  /** The bytes before `offset`, in base64. */
  readonly anchor: string
}

/** A place in a log that moves on over its rotations: the file in use is copied, and what was copied is taken out of it in place. */
export class LogCursor {
  readonly #chain: LogFiles
  /** The copy that is read; undefined: the file in use. */
  #copy: string | undefined
  #offset: number
  /** The newest copy that lies behind. */
  #behind: string
  /** The bytes before `offset` in the file in use. */
  #anchor: Buffer = Buffer.alloc(0)
  #losses = 0

  /** At the byte `offset` of the file in use, or of one of its copies. */
  constructor(chain: LogFiles, offset = sizeOf(fileOf(chain)), copy?: string) {
    this.#chain = chain
    this.#copy = copy
    this.#offset = offset
    this.#behind = copy ?? copiesOf(chain).at(-1) ?? ''
    this.#drop()
  }

  /** Where another cursor of this log stood, perhaps in another process and long ago. */
  static at(chain: LogFiles, { copy, offset, behind, anchor }: LogPlace): LogCursor {
    const file = copy === null ? undefined : join(chain.directory, copy)
    const cursor = new LogCursor(chain, offset, file)
    if (file !== undefined) {
      if (!existsSync(file)) cursor.#leaveLost()
      return cursor
    }
    cursor.#behind = behind
    cursor.#anchor = Buffer.from(anchor, 'base64')
    return cursor
  }

  place(): LogPlace {
    const copy = this.#copy === undefined ? null : basename(this.#copy)
    return { copy, offset: this.#offset, behind: basename(this.#behind), anchor: this.#anchor.toString('base64') }
  }

  /** How often a part of the log was gone before it was read: emptied, or rotated away. */
  get losses(): number {
    return this.#losses
  }

  /** The bytes that come next, at most `most`; none when there are no more at this time. */
  read(most: number): Buffer {
    for (;;) {
      if (this.#copy === undefined && !this.#isSameFile()) this.#followRotation()
      const bytes = bytesOf(this.#copy ?? fileOf(this.#chain), this.#offset, most)
      // Between the two looks its beginning may have been taken out of it.
      if (this.#copy === undefined && !this.#isSameFile()) continue
      this.#offset += bytes.length
      if (this.#copy === undefined) this.#drop()
      if (bytes.length > 0 || this.#copy === undefined || this.#isInTheLogToo(this.#copy)) return bytes
      this.#leaveCopy()
    }
  }

  /** How many bytes there are until the end. */
  left(): number {
    if (this.#copy === undefined && !this.#isSameFile()) this.#followRotation()
    const here = sizeOf(this.#copy ?? fileOf(this.#chain)) - this.#offset
    if (this.#copy === undefined) return Math.max(0, here)
    const later = this.#copiesAhead().map(sizeOf)
    return here + later.reduce((sum, size) => sum + size, 0) + sizeOf(fileOf(this.#chain))
  }

  /** Goes on `keep` bytes before the end of the file in use. Answers how many bytes it left out. */
  skip(keep: number): number {
    const left = this.left()
    const size = sizeOf(fileOf(this.#chain))
    const kept = Math.min(keep, size)
    if (left <= kept) return 0
    this.#copy = undefined
    this.#behind = copiesOf(this.#chain).at(-1) ?? ''
    this.#offset = size - kept
    this.#drop()
    return left - kept
  }

  #drop(): void {
    const kept = this.#copy === undefined ? Math.min(ANCHOR_BYTES, this.#offset) : 0
    this.#anchor = bytesOf(fileOf(this.#chain), this.#offset - kept, kept)
  }

  #isSameFile(): boolean {
    const { length } = this.#anchor
    if (!bytesOf(fileOf(this.#chain), this.#offset - length, length).equals(this.#anchor)) return false
    // So near its beginning there is little to tell it by.
    const newest = length < ANCHOR_BYTES ? this.#copiesAhead().at(-1) : undefined
    return newest === undefined || this.#beginsTheLog(newest)
  }

  /** What we read is the beginning of the copies that were made since; what was not copied stands in the file in use. */
  #followRotation(): void {
    const [first, ...others] = this.#copiesAhead()
    const anchor = this.#anchor
    let offset = this.#offset
    for (const copy of first === undefined ? [] : [first, ...others]) {
      const size = sizeOf(copy)
      if (offset <= size) {
        if (isAt(copy, offset, anchor)) this.#land({ copy, offset })
        else this.#landAfterLoss(first)
        return
      }
      offset -= size
      this.#behind = copy
    }
    // Without a copy it was emptied; where a copy is gone that we had not read, what came after it is the next.
    const isHere = first !== undefined && isAt(fileOf(this.#chain), offset, anchor)
    if (isHere) this.#land({ copy: undefined, offset })
    else this.#landAfterLoss(first)
  }

  #landAfterLoss(copy: string | undefined): void {
    this.#losses += 1
    this.#land({ copy, offset: 0 })
  }

  #land({ copy, offset }: { readonly copy: string | undefined; readonly offset: number }): void {
    this.#copy = copy
    this.#offset = offset
    this.#drop()
  }

  /** It has its name a moment before it is taken out of the log: until then the log begins with it. */
  #isInTheLogToo(copy: string): boolean {
    return this.#copiesAhead().length === 0 && this.#beginsTheLog(copy)
  }

  #beginsTheLog(copy: string): boolean {
    const beginning = bytesOf(copy, 0, COMPARED_BYTES)
    return beginning.length > 0 && bytesOf(fileOf(this.#chain), 0, beginning.length).equals(beginning)
  }

  #leaveLost(): void {
    this.#losses += 1
    this.#leaveCopy()
  }

  #leaveCopy(): void {
    this.#behind = this.#copy ?? this.#behind
    this.#copy = this.#copiesAhead()[0]
    this.#offset = 0
    this.#drop()
  }

  #copiesAhead(): readonly string[] {
    const behind = basename(this.#copy ?? this.#behind)
    return copiesOf(this.#chain).filter((copy) => basename(copy) > behind)
  }
}

/** Whether what we read last stands before this place, as far as it is in this file. */
function isAt(file: string, offset: number, anchor: Buffer): boolean {
  const length = Math.min(anchor.length, offset)
  return bytesOf(file, offset - length, length).equals(anchor.subarray(anchor.length - length))
}
