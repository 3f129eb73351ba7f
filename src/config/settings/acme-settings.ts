import { flag, list, shaped, text } from '../value.ts'
import { setting } from './setting.ts'

/** `[acme]`. */
export const ACME_SETTINGS = {
  names: setting(
    list(',', /^[a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)*$/, 'host names without a wildcard, separated by commas, or null'),
    'null',
    'Host names, separated by commas, for which one certificate is fetched from an ACME certificate authority and renewed. They must lead to this machine, and port 80 of them to nginx. null: none is fetched.',
  ),
  directory: setting(
    shaped(/^https:\/\/\S+$/, 'the URL of an ACME directory, which begins with https://'),
    'https://acme-v02.api.letsencrypt.org/directory',
    'The URL of the directory of the certificate authority.',
  ),
  accept_terms: setting(
    flag,
    '0',
    'You accept the terms of service of the certificate authority. Without it nothing is fetched.',
  ),
  email: setting(shaped(/^[^\s@]+@[^\s@]+$/, 'an address, or null'), 'null', 'Where the certificate authority may write to.'),
  eab_kid: setting(text, 'null', 'Identifier of an External Account Binding, where the certificate authority asks for one.'),
  eab_hmac_key: setting(text, 'null', 'Key of that binding, in base64url, as the certificate authority gives it.'),
  ca: setting(
    text,
    'null',
    'File with the root certificate, in PEM format, by which the server of a private certificate authority is known. null: those that this machine trusts.',
  ),
} as const
