/** The root of the archive; it is stripped at the installation. */
export const ROOT = 'metwork_plugin'

/** The files that stand in the plugin only inside a release. A source of the same name never goes in. */
export const METADATA = '.metadata.json'
export const FILE_LIST = '.files.json'
export const MANIFEST = '.mfserv_release.json'
export const BOM = '.bom.json'
export const SIGNATURE = '.signature.json'

export const GENERATED: readonly string[] = [MANIFEST, SIGNATURE, METADATA, FILE_LIST, BOM]

export const LABEL = '.layerapi2_label'
