/** What the nginx program and the machine allow. */
export interface NginxMachine {
  /** Modules named in `nginx -V`, such as `http_gzip_static_module`. */
  readonly modules: ReadonlySet<string>
  /** How many files one nginx worker may have open. */
  readonly openFiles: number
}
