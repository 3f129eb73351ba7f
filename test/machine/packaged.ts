import { type Bench, must } from './bench.ts'

export const APT = 'DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends'

/** The package, and what it depends on, from the second disk. */
export async function installPackage({ guest }: Bench): Promise<void> {
  await must(guest.run('root', 'mkdir -p /srv/in && tar -xf /dev/vdb -C /srv/in && chmod -R a+rX /srv/in'))
  await must(guest.run('root', `${APT} /srv/in/debs/*.deb /srv/in/mfserv.deb`))
}
