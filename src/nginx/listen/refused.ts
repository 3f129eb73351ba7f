import { type Listener, placeOf } from '../../config/listen/listener.ts'
import { Problem, type Where } from '../../problem.ts'

/** What nginx's message about an address means; undefined when it is about something else. */
export function listenProblem(message: string, listeners: readonly Listener[]): Problem | undefined {
  const [, place = '', port = '', errno = ''] = /bind\(\) to (\S+:(\d+)) failed \((13|99):/.exec(message) ?? []
  if (port === '') return undefined
  const listener = listeners.find((one) => placeOf(one) === place) ?? listeners.find((one) => one.port === Number(port))
  if (errno === '99') return addressUnknown(place, listener?.where)
  return new Problem('PORT_RIGHT', `nginx may not listen on ${place}: permission denied`, lowPortFix(port), listener?.where)
}

/** `place`: an address with its port, as nginx writes it. */
export function addressUnknown(place: string, where: Where | undefined): Problem {
  const message = `listen has the address ${place}, which this machine does not have`
  const fix = 'Write one of the addresses that "ip address" shows, or the port alone for all of them.'
  return new Problem('ADDRESS_UNKNOWN', message, fix, where)
}

/** How an ordinary user gets a port below 1024. */
function lowPortFix(port: string): string {
  return `A port below 1024 needs a right. As root, do one of these: mfserv service install; setcap cap_net_bind_service=+ep on the program nginx; sysctl net.ipv4.ip_unprivileged_port_start=${port}.`
}
