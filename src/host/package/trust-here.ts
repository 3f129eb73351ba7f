import { join } from 'node:path'
import type { Paths } from '../home/paths.ts'
import { siteDirectory } from '../home/site.ts'
import { readModule } from '../module/module-environment.ts'
import { trustedKeys } from './key-files.ts'
import type { Trust } from './trust.ts'

/** Where public keys are trusted: those of the user of mfserv, and those of the administrator. */
export function trustedDirectories(paths: Paths, env: NodeJS.ProcessEnv): readonly string[] {
  return [paths.trustedKeys, join(siteDirectory(env), 'trusted_keys')]
}

/**
 * Whose releases are wanted here, as the settings and the files of trusted keys say. Where a part of the settings cannot be
 * read, it may be the one that wants signatures, so they are wanted.
 */
export function readTrust(paths: Paths, env: NodeJS.ProcessEnv): Trust {
  const { config, problems } = readModule(paths, env)
  const isUnread = problems.some(({ code }) => code === 'DISK' || code === 'INI_SYNTAX')
  return {
    required: config.settings.releases.require_signature || isUnread,
    ...trustedKeys(trustedDirectories(paths, env)),
  }
}
