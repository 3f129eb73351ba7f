import { type Case, eachIsServed, pkg } from '../../test/support/adopt-fixture.ts'

const NODE: Readonly<Record<string, Case>> = {
  'Express with a start script': {
    files: {
      'package.json': pkg({ scripts: { start: 'node ./bin/www' }, dependencies: { express: '5' } }),
      'bin/www': '#!/usr/bin/env node\n',
    },
    is: ['express', 'node', { main_arg: 'bin/www', directory: '.', static_routing: '0' }],
    build: [],
  },
  'Express without one': {
    files: { 'package.json': pkg({ main: './app', dependencies: { express: '5' } }), 'app.js': 'app.listen(3000)' },
    is: ['express', 'node', { main_arg: 'app.js' }],
  },
  'options of node': {
    files: {
      'package.json': pkg({ scripts: { start: 'NODE_ENV=production node --enable-source-maps -r dotenv/config server.js' } }),
      'server.js': '',
    },
    is: ['node', 'node', { main_arg: 'server.js', node_extra_opts: '--enable-source-maps -r dotenv/config' }],
  },
  nodemon: {
    files: { 'package.json': pkg({ scripts: { start: 'nodemon server.js' } }), 'server.js': '' },
    is: ['node', 'node', { main_arg: 'server.js' }],
  },
  'TypeScript that is built': {
    files: {
      'package.json': pkg({ scripts: { start: 'node dist/index.js', build: 'tsc' }, dependencies: { fastify: '5' } }),
      'src/index.ts': '',
    },
    is: ['fastify', 'node', { main_arg: 'dist/index.js' }],
    build: ['npm run build'],
  },
  NestJS: {
    files: {
      'package.json': pkg({
        scripts: { start: 'nest start', 'start:prod': 'node dist/main', build: 'nest build' },
        dependencies: { '@nestjs/core': '11' },
      }),
    },
    is: ['nestjs', 'node', { main_arg: 'dist/main' }],
    build: ['npm run build'],
  },
  'a program of a package': {
    files: { 'package.json': pkg({ scripts: { start: 'json-server db.json' }, dependencies: { 'json-server': '0.17.4' } }) },
    is: ['node', 'command', { main_arg: 'json-server db.json --port {port}' }],
  },
  'a program with a port': {
    files: { 'package.json': pkg({ scripts: { start: 'thing -p 3000' } }) },
    is: ['node', 'command', { main_arg: 'thing -p {port}' }],
  },
  Vite: {
    files: {
      'package.json': pkg({ scripts: { dev: 'vite', build: 'vite build' }, devDependencies: { vite: '8' } }),
      'index.html': '',
    },
    is: ['vite', 'static', { directory: 'dist', fallback: 'index.html' }],
    build: ['npm run build -- --base=/{name}/'],
  },
  'Vite with a base and an output of its own': {
    files: {
      'package.json': pkg({ scripts: { build: 'vite build' }, devDependencies: { vite: '8' } }),
      'vite.config.js': "export default {\n  base: './',\n  build: {\n    outDir: './web/out',\n  },\n}\n",
    },
    is: ['vite', 'static', { directory: 'web/out' }],
    build: ['npm run build'],
  },
  'a server with pages that Vite builds': {
    files: {
      'package.json': pkg({
        scripts: { start: 'node server.js', build: 'vite build' },
        dependencies: { express: '5' },
        devDependencies: { vite: '8' },
      }),
      'server.js': 'app.listen(3000)',
    },
    is: ['express', 'node', { main_arg: 'server.js' }],
    build: ['npm run build'],
  },
  'Next standalone': {
    files: {
      'package.json': pkg({ scripts: { build: 'next build', start: 'next start' }, dependencies: { next: '16' } }),
      'next.config.mjs': "export default {\n  output: 'standalone',\n}\n",
      'public/a.png': '',
    },
    is: ['next', 'node', { main_arg: '.next/standalone/server.js' }],
    build: ['npm run build', 'cp -r .next/static .next/standalone/.next/', 'cp -r public .next/standalone/'],
  },
  'Next standalone, said in one line': {
    files: {
      'package.json': pkg({ scripts: { build: 'next build', start: 'next start' }, dependencies: { next: '16' } }),
      'next.config.ts': 'const nextConfig: NextConfig = { output: "standalone" }\nexport default nextConfig\n',
    },
    is: ['next', 'node', { main_arg: '.next/standalone/server.js' }],
  },
  'Next whose standalone is a comment': {
    files: {
      'package.json': pkg({ scripts: { build: 'next build', start: 'next start' }, dependencies: { next: '16' } }),
      'next.config.mjs': 'export default {\n  // { output: "standalone" },\n}\n',
    },
    is: ['nextjs', 'command', {}],
  },
  Next: {
    files: { 'package.json': pkg({ scripts: { build: 'next build', start: 'next start' }, dependencies: { next: '16' } }) },
    is: ['nextjs', 'command', { main_arg: 'next start --port {port}' }],
    build: ['npm run build'],
  },
  Nuxt: {
    files: { 'package.json': pkg({ scripts: { build: 'nuxt build' }, dependencies: { nuxt: '4' } }) },
    is: ['nuxt', 'node', { main_arg: '.output/server/index.mjs' }],
    build: ['env NUXT_APP_BASE_URL=/{name}/ npm run build'],
  },
  'SvelteKit for Node': {
    files: {
      'package.json': pkg({
        scripts: { build: 'vite build' },
        devDependencies: { vite: '8', '@sveltejs/kit': '2', '@sveltejs/adapter-node': '5' },
      }),
    },
    is: ['sveltekit', 'node', { main_arg: 'build/index.js' }],
  },
  'SvelteKit as files': {
    files: {
      'package.json': pkg({
        scripts: { build: 'vite build' },
        devDependencies: { vite: '8', '@sveltejs/kit': '2', '@sveltejs/adapter-static': '3' },
      }),
    },
    is: ['sveltekit', 'static', { directory: 'build' }],
  },
  Astro: {
    files: { 'package.json': pkg({ scripts: { build: 'astro build' }, dependencies: { astro: '6' } }) },
    is: ['astro', 'static', { directory: 'dist' }],
    build: ['npm run build -- --base=/{name}/'],
  },
  'a server of one file': {
    files: { 'server.js': "const http = require('http')\nhttp.createServer(f).listen(3000)\n" },
    is: ['node', 'node', { main_arg: 'server.js' }],
  },
}

eachIsServed(NODE)
