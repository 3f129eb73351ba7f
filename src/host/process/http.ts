/**
 * What mfserv uses of node:http. To import a name from that module is to ask for all of them, and some of them load all of
 * fetch: a command that only asks the daemon would take half as long again.
 */
export const { createServer, request } = process.getBuiltinModule('node:http')
