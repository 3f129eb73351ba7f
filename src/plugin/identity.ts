/** The variables by which a plugin's own code and its crontab know the plugin. */
export function pluginIdentity(name: string, home: string) {
  return {
    MFSERV_CURRENT_PLUGIN_NAME: name,
    MFSERV_CURRENT_PLUGIN_DIR: home,
    MFSERV_CURRENT_PLUGIN_LABEL: `plugin_${name}@mfserv`,
  }
}
