import { hashOfMetadata } from '../host/package/content-hash.ts'
import type { PackageFacts } from '../host/package/facts.ts'
import { NO_TIME } from '../host/package/write-package.ts'
import { describeNeeds } from '../package/needs.ts'
import { describeVerdict } from '../package/signing/signature.ts'
import { bytesText } from './bytes-text.ts'
import { box } from './table.ts'

/** The facts of a .plugin file and the list of what is in it, for people. */
export function releaseFileText(facts: PackageFacts): string {
  const { name, version, release, metadata, size, unpackedSize, sha256, needs, signature, madeBy, files } = facts
  const rows = [
    ['Name', name],
    ['Version', version],
    ['Release', release],
    ['Summary', metadata.summary],
    ['Size', `${bytesText(size)}, unpacked ${bytesText(unpackedSize)}`],
    ['SHA-256', sha256],
    ['Hash', hashOfMetadata(metadata)],
    ['Signature', describeVerdict(signature)],
    ['Needs', describeNeeds(needs)],
    ['Made by', madeBy === 'mfserv' ? 'make release' : 'MFSERV 2.x: it has no checksums inside'],
    ['Build Date', metadata.build_date === BUILD_DATE_OF_NONE ? '' : metadata.build_date],
    ['License', metadata.license],
    ['Maintainer', metadata.packager],
    ['Vendor', metadata.vendor],
    ['URL', metadata.url],
  ].filter(([, value]) => value !== '')
  return [box({ title: 'Plugin file', rows }), 'Files:', ...files.map((path) => `- ${path}`)].join('\n')
}

const BUILD_DATE_OF_NONE = new Date(NO_TIME * 1000).toISOString().replace('.000Z', 'Z')
