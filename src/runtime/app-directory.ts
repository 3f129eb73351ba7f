/** Where the code and the files of an app are. */
export interface Placed {
  readonly name: string
  /** Relative to the plugin; `.` is the plugin itself, undefined a directory with the name of the app. */
  readonly directory?: string | undefined
}

/** A path in the directory of an app, relative to the plugin. */
export function inApp({ name, directory = name }: Placed, path: string): string {
  return directory === '.' ? path : `${directory}/${path}`
}

/** The directory of an app of the plugin at `home`. */
export function directoryOf({ name, directory = name }: Placed, home: string): string {
  return directory === '.' ? home : `${home}/${directory}`
}
