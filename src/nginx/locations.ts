import type { AppRoutes, Routes, ServerSettings } from '../desired/desired.ts'
import { nestedIn, readFragment, sets } from '../plugin/nginx-fragment.ts'
import type { AppOfPlugin } from './again.ts'
import { unlessAside } from './aside/aside.ts'
import type { Claim } from './claims.ts'
import { errorPages, firstTry, isCounted } from './counted.ts'
import { missingPage, pageOf } from './faces/faces.ts'
import { facesIn, facesOfFiles, type Where } from './faces/levels.ts'
import { choiceOfFile, fallbackRules } from './files/fallback.ts'
import { howFilesAreRead } from './files/open-files.ts'
import { gateway } from './gateway.ts'
import { requestIdForClient } from './headers.ts'
import { ownText } from './markers.ts'
import { withoutPrefix, withPrefix } from './mount/mount.ts'
import { filesPath, scriptRules } from './php/front-controller.ts'
import { cacheControl, rulesBefore } from './protect/rules.ts'
import { block, lines, type NginxText, nginx } from './quote.ts'
import { stickyRules } from './sticky/sticky.ts'

/** The location for a claim in the main server. */
export function location(claim: Claim, where: Where, routes: Routes): NginxText {
  const { app, match, path } = claim
  if (claim.serves === 'static' && app.static !== undefined) return staticLocation(claim, app.static.directory, path, routes)
  const place = match === 'exact' ? nginx`location = ${path}` : nginx`location ${path}`
  return app.kind === 'files' ? files(place, claim, where, routes) : requests(place, claim, where, routes)
}

/** Static files of a dynamic app. Chosen before any regular expression that a plugin brings along. */
export function staticLocation({ plugin, app }: AppOfPlugin, directory: string, path: string, routes: Routes): NginxText {
  const text = app.staticFragment ?? ''
  return block(nginx`location ^~ ${path}`, [
    belongsTo(plugin, app, 'files', routes),
    ...rulesBefore(plugin, app, text),
    nginx`alias ${`${withoutSlash(directory)}/`};`,
    ...fileRules(app, routes.server, text),
    ownText(nestedIn(readFragment(text), path)),
    ...facesOfFiles(plugin, hasPages(text), routes),
  ])
}

/** The files beside the scripts of an app with a front controller, whose own location has decided that visitors may have them. */
export function filesBesideScripts({ plugin, app }: AppOfPlugin, routes: Routes): NginxText | undefined {
  if (app.front === undefined) return undefined
  const text = app.staticFragment ?? ''
  return block(nginx`location ^~ ${`${filesPath(plugin, app.app)}/`}`, [
    nginx`internal;`,
    belongsTo(plugin, app, 'files', routes),
    ...rulesBefore(plugin, app, text),
    nginx`alias ${`${withoutSlash(app.directory)}/`};`,
    ...fileRules(app, routes.server, text),
    ownText(nestedIn(readFragment(text), undefined)),
    ...facesOfFiles(plugin, hasPages(text), routes),
  ])
}

function files(place: NginxText, claim: Claim, where: Where, routes: Routes): NginxText {
  const { plugin, app, match, path } = claim
  const fragments = [app.appFragment, app.staticFragment].filter((text) => text !== undefined)
  const text = fragments.join('\n')
  const directory = withoutSlash(app.directory)
  // Without its slash the directory is answered by a redirect to the URL with one.
  const isExact = match === 'exact'
  const pages = isExact ? [] : ownPage(app, text, path, where, routes)
  return block(place, [
    belongsTo(plugin, app, 'files', routes),
    ...rulesBefore(plugin, app, text),
    isExact ? nginx`alias ${directory};` : nginx`alias ${`${directory}/`};`,
    ...pages,
    ...fileRules(app, routes.server, text),
    isExact ? undefined : listing(app, text),
    ...choiceOfFile(isExact ? { ...app, fallback: undefined } : app, path),
    ...fragments.map((one) => fragmentIn(one, claim)),
    ...facesOfFiles(plugin, pages.length > 0 || hasPages(text), routes),
    ...(isExact ? [] : fallbackRules(app, path)),
  ])
}

/** The 404.html of the site, if it has one. A plugin that says itself what a missing page shows is left to that. */
function ownPage(app: AppRoutes, appFragment: string, path: string, where: Where, routes: Routes): readonly NginxText[] {
  const isTold = errorPages({ ...app, appFragment }, where, routes).length > 0
  return isTold ? [] : missingPage(`${path}404.html`, app.fallback !== undefined)
}

function hasPages(fragment: string): boolean {
  return sets(readFragment(fragment), 'error_page')
}

function listing({ lists }: AppRoutes, text: string): NginxText | undefined {
  return lists === true && !sets(readFragment(text), 'autoindex') ? nginx`autoindex on;` : undefined
}

function requests(place: NginxText, claim: Claim, where: Where, routes: Routes): NginxText {
  const { plugin, app } = claim
  return block(place, [
    belongsTo(plugin, app, 'requests', routes),
    ...rulesBefore(plugin, app, app.appFragment ?? ''),
    withPrefix(claim),
    ...scriptRules(claim),
    ...stickyRules(claim),
    ...gateway(claim, routes.server),
    ...firstTry(plugin, app, where, routes),
    app.appFragment === undefined ? undefined : fragmentIn(app.appFragment, claim),
    ...facesIn(claim, isCounted(app) || hasPages(app.appFragment ?? ''), where, routes),
    ...withoutPrefix(claim),
  ])
}

function fragmentIn(text: string, { match, path }: Claim): NginxText | undefined {
  return ownText(nestedIn(readFragment(text), match === 'exact' ? undefined : path))
}

function belongsTo(plugin: string, app: AppRoutes, serves: 'files' | 'requests', routes: Routes): NginxText {
  return lines([
    nginx`set $mfserv_plugin ${plugin};`,
    nginx`set $mfserv_app ${app.app};`,
    pageOf(plugin, routes),
    unlessAside(plugin, serves),
  ])
}

/** What a fragment sets itself is left to it: nginx refuses most directives that stand twice. */
function fileRules(app: AppRoutes, server: ServerSettings, fragmentText: string): readonly (NginxText | undefined)[] {
  const fragment = readFragment(fragmentText)
  const cachesItself = sets(fragment, 'expires') || sets(fragment, 'add_header', 'Cache-Control')
  return [
    ...howFilesAreRead(app, fragment),
    nginx`if ($mfserv_hidden_file) { return 404; }`,
    sets(fragment, 'charset') ? undefined : nginx`charset utf-8;`,
    // A browser asks each time whether its copy is still good, so an edited file is seen at once.
    cachesItself ? undefined : nginx`add_header Cache-Control ${cacheControl(app)};`,
    requestIdForClient(server),
  ]
}

function withoutSlash(directory: string): string {
  return directory.replace(/\/+$/, '')
}
