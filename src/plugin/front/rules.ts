/** What nginx does for an app in front of it; only what the app says. */
export interface Rules {
  /** Of names and passwords. Absolute, or relative to the plugin. */
  readonly passwordFile?: string
  /** Nobody else gets an answer; absent: everybody does. */
  readonly networks?: readonly string[]
  readonly rate?: Rate
  /** How many requests of one client are answered at the same time. */
  readonly connections?: number
  /** How many requests of all clients together are answered, or wait, at the same time. */
  readonly requests?: number
  readonly cors?: Cors
  /** Seconds for which a browser need not ask again for a file. */
  readonly staticMaxAge?: number
  readonly gzip?: true
  readonly maxBodyMb?: number
  readonly buffering?: false
  /** Of the URL and of each header, on the virtual hosts of the app. */
  readonly maxHeaderKb?: number
}

export interface Rate {
  readonly requests: number
  readonly per: 'second' | 'minute'
  /** So many more may come at once. */
  readonly burst: number
}

export interface Cors {
  /** `*`, or the beginnings of URLs; in one of these `*.` stands for all names below. */
  readonly origins: readonly string[]
  readonly methods: readonly string[]
  /** That a request may have, and that a script may read of an answer. */
  readonly headers: readonly string[]
  readonly exposed: readonly string[]
  readonly credentials: boolean
}
