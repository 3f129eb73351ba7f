import { pathsOf, runtimeHome } from '../../src/host/home/paths.ts'
import { installDebian } from '../../src/host/programs/debian.ts'
import { findPebble, PEBBLE_PACKAGES } from './pebble.ts'

/* The certificate authority of the tests. */
const paths = pathsOf(runtimeHome())
if (findPebble(paths) === undefined) await installDebian(PEBBLE_PACKAGES, paths, (line) => console.log(line))
