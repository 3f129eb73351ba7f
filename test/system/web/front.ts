import { routesOf } from '../../../src/desired/routes.ts'
import { installed } from '../../support/desired-fixture.ts'
import { openPlace, type Place } from '../nginx/place.ts'

/** A real nginx that serves the apps of config.ini sections as they would be, without a daemon. By the name of each plugin. */
export async function openFront(plugins: Readonly<Record<string, string>>): Promise<Place> {
  const place = await openPlace()
  const run = place.paths.runtimeHome
  const all = Object.entries(plugins).map(([name, sections]) => {
    return installed(name, sections, { servedFrom: `${run}/plugins/${name}` })
  })
  const { routes } = routesOf(all, { run, hostnames: ['test'], timeoutSeconds: 60, reserved: [] })
  await place.publish({ plugins: routes })
  return place
}
