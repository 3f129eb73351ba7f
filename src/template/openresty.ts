import { everyPlugin, general, generalQuestions } from './shared.ts'
import type { Template } from './template.ts'

const OWN = ['README.md', '.autorestart_includes']

/** An application in Lua inside nginx. */
export const openrestyTemplate: Template = {
  summary: 'Lua inside nginx, without a process of its own',
  questions: generalQuestions('one line summary', 'crontab'),
  files: (answers) => [
    ...everyPlugin(answers).filter(({ path }) => !OWN.includes(path)),
    { path: 'README.md', source: 'openresty/README.md' },
    { path: '.autorestart_includes', source: 'openresty/autorestart_includes' },
    { path: '.layerapi2_dependencies', source: 'static/layerapi2_dependencies' },
    ...['nginx_extra_http.conf', 'nginx_extra_server.conf', 'init_worker_by_lua.lua', 'content_by_lua.lua'].map((path) => ({
      path,
      source: `openresty/${path}`,
    })),
  ],
  config: (_name, answers) => ({
    general: {
      ...general(answers),
      extra_nginx_http_conf_filename: 'nginx_extra_http.conf',
      extra_nginx_server_conf_filename: 'nginx_extra_server.conf',
      extra_nginx_init_worker_by_lua_block_filename: 'init_worker_by_lua.lua',
      // Its files have the names that those of every such plugin have.
      add_plugin_dir_to_lua_path: '0',
    },
    sections: [],
  }),
}
