/**
 * What mfserv uses of node:http. To import a name from that module is to ask for all of them, and some of them load all of
 * fetch: a command that only asks the daemon would take half as long again. One that asks nobody loads none of it.
 */
type Http = typeof import('node:http')

export const createServer = ((...words: Parameters<Http['createServer']>) =>
  loaded().createServer(...words)) as Http['createServer']

export const request = ((...words: Parameters<Http['request']>) => loaded().request(...words)) as Http['request']

function loaded(): Http {
  return process.getBuiltinModule('node:http')
}
