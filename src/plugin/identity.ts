/** The variables by which a plugin's own code and its crontab know the plugin, and the place of what is to outlive its releases. */
export function pluginIdentity(name: string, home: string, runtimeHome: string) {
  return {
    MFSERV_CURRENT_PLUGIN_NAME: name,
    MFSERV_CURRENT_PLUGIN_DIR: home,
    MFSERV_CURRENT_PLUGIN_LABEL: `plugin_${name}@mfserv`,
    MFSERV_CURRENT_PLUGIN_DATA_DIR: `${runtimeHome}/var/data/${name}`,
  }
}
