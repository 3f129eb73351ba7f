/** The text of a server.js of the node template, listening on the port in the environment as most Node servers do. */
export function onPort(text: string): string {
  const changed = text
    .replace(/^fs\.rmSync\(socketPath.*$/m, '')
    .replace(
      /server\.listen\(\{ path: socketPath, backlog: (\d+) \}\)/,
      'server.listen({ port: Number(process.env.PORT), backlog: $1 })',
    )
    .replace('process.argv.slice(2)', '["", "60"]')
  if (!changed.includes('process.env.PORT')) throw new Error('the node template listens in a way that is not known here')
  return changed
}
