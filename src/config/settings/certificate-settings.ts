import { list, text } from '../value.ts'
import { setting } from './setting.ts'

/** What a section begins with that has a certificate of its own: `[certificate_shop]`. */
export const CERTIFICATE_SECTION = 'certificate_'

/** `[certificate_NAME]`. */
export const CERTIFICATE_SETTINGS = {
  certificate: setting(text, 'null', 'File of the certificate, its chain included, in PEM format.'),
  key: setting(text, 'null', 'File of the private key, without a password, in PEM format.'),
  names: setting(
    list(
      ',',
      /^(\*\.)?[a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)*$/,
      'host names separated by commas, such as www.example.org, *.example.org, or null',
    ),
    'null',
    'The host names, separated by commas, whose clients get it. null: those in the certificate.',
  ),
} as const
