/** A file of a log: that in use, or a rotated copy. */
export interface LogFile {
  readonly name: string
  readonly bytes: number
  /** The plugin whose log it is; those of nginx and of mfserv itself belong together. */
  readonly owner: string
  /** When it was put aside, in digits that sort; undefined for the file in use, which stays. */
  readonly copied: string | undefined
}

export interface Bounds {
  /** 0: no limit. */
  readonly perOwner: number
  /** 0: no limit. */
  readonly inTotal: number
}

/**
 * The copies that have to go so that the logs stay within their bounds: of an owner the oldest, and of all the owner's with most,
 * so that who writes much takes nothing from who writes little.
 */
export function surplusOf(files: readonly LogFile[], { perOwner, inTotal }: Bounds): readonly LogFile[] {
  const owners = [...Map.groupBy(files, ({ owner }) => owner).values()].map((own) => new Owner(own))
  const gone: LogFile[] = []
  const drop = (owner: Owner): boolean => {
    const oldest = owner.dropOldest()
    if (oldest !== undefined) gone.push(oldest)
    return oldest !== undefined
  }
  for (const owner of owners) while (perOwner > 0 && owner.bytes > perOwner && drop(owner));
  const total = (): number => owners.reduce((sum, { bytes }) => sum + bytes, 0)
  while (inTotal > 0 && total() > inTotal) {
    const [largest] = owners.filter(({ hasCopies }) => hasCopies).sort((one, other) => other.bytes - one.bytes)
    if (largest === undefined || !drop(largest)) break
  }
  return gone
}

class Owner {
  readonly #copies: LogFile[]
  bytes: number

  constructor(files: readonly LogFile[]) {
    this.bytes = files.reduce((sum, { bytes }) => sum + bytes, 0)
    const copied = ({ copied: at = '' }: LogFile): string => at
    this.#copies = files.filter(({ copied: at }) => at !== undefined).sort((one, other) => (copied(one) < copied(other) ? -1 : 1))
  }

  get hasCopies(): boolean {
    return this.#copies.length > 0
  }

  dropOldest(): LogFile | undefined {
    const oldest = this.#copies.shift()
    this.bytes -= oldest?.bytes ?? 0
    return oldest
  }
}

/** Bytes by the name of a log. */
export type LogSizes = ReadonlyMap<string, number>

/** Less would come back than is worth a line that somebody may want to read. */
const WORTH_BYTES = 1 << 20
/** Half of what is given up at a time on a full disk: what takes that between two looks is no ordinary log. */
const GROWN_BYTES = 256 << 10

/**
 * The log that fills the disk: the largest of those that take `floodBytes`, or that have grown since the look `before`, when the disk
 * was full already. What grows then takes all room that somebody makes, however small it is. Undefined when no log does.
 */
export function floodOf<L extends { readonly name: string; readonly bytes: number }>(
  logs: readonly L[],
  before: LogSizes,
  floodBytes: number,
): L | undefined {
  const hasGrown = ({ name, bytes }: L): boolean => bytes >= WORTH_BYTES && bytes - (before.get(name) ?? bytes) >= GROWN_BYTES
  const [largest] = logs
    .filter((log) => log.bytes >= floodBytes || hasGrown(log))
    .toSorted((one, other) => other.bytes - one.bytes)
  return largest
}
