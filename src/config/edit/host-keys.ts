/** Section, key, value. */
type Texts = ReadonlyMap<string, ReadonlyMap<string, { readonly text: string }>>

/** What the original says where a name has no address. */
export const NO_ADDRESS = 'dns_error'

/** `hostname`, `*_hostname`, and `hostnames` with several: each has its address in a variable of its own, with `_IP` behind its name. */
export function isHostKey(key: string): boolean {
  return key === 'hostname' || key === 'hostnames' || key.endsWith('_hostname')
}

/** The names in all host keys that somebody has to be asked about. */
export function namesToResolve(texts: Texts): readonly string[] {
  const values = [...texts.values()].flatMap((keys) => [...keys].flatMap(([key, { text }]) => (isHostKey(key) ? [text] : [])))
  return [...new Set(values.flatMap((text) => text.split(';')).map((name) => name.trim()))].filter(isName)
}

/** The addresses in the place of the names; `null`, a path and an address stay what they are. */
export function addressesOf(text: string, addresses: ReadonlyMap<string, string>): string {
  return text
    .split(';')
    .map((name) => (isName(name.trim()) ? (addresses.get(name.trim()) ?? NO_ADDRESS) : name.trim()))
    .join(';')
}

function isName(text: string): boolean {
  return /^[A-Za-z0-9_](?:[\w.-]*)$/.test(text) && text !== 'null' && !/^[\d.]+$/.test(text)
}

/** The address of each name in the text of /etc/hosts, the first that is there. */
export function addressesIn(hosts: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const line of hosts.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    for (const name of names) if (!found.has(name)) found.set(name, address)
  }
  return found
}
