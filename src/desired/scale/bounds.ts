/** Within these bounds an app has as many workers as are needed. */
export interface Scale {
  readonly least: number
  /** nginx knows so many slots. */
  readonly most: number
  /** Without a request for so long it has no worker any more; 0 is never. */
  readonly sleepAfterMs: number
  /** Its files are edited, so a new version is started without a request: whoever edits is to see whether it starts. */
  readonly isDeveloped: boolean
}
