import { command } from './shared.ts'

/** Commands about TLS. */
export const CERTIFICATE_COMMANDS = [
  command({
    words: ['cert', 'list'],
    summary: 'List the certificates that nginx has: their names, until when they hold, and their files.',
    examples: [
      ['', 'all certificates'],
      ['--json', 'the same as JSON, for a monitoring program'],
    ],
    load: () => import('../commands/cert/list.ts'),
  }),
  command({
    words: ['cert', 'self-signed'],
    summary: 'Make a certificate that no authority vouches for: for a test, or for a network of your own.',
    more: 'The certificate and its key are written beside each other, readable for you alone; the lines for config.ini are printed.',
    arguments: [
      { name: 'NAME', says: 'a host name, *.example.org or an address that it is for' },
      { name: 'MORE', often: 'any', says: 'more names' },
    ],
    options: [
      { flag: '--days', value: 'DAYS', says: 'how long it holds; default: 365' },
      {
        flag: '--directory',
        value: 'DIRECTORY',
        is: 'directory',
        says: 'where to write it; default: config/certificates of the runtime home',
      },
      { flag: '--force', says: 'replace the files that are there' },
    ],
    examples: [
      ['www.example.org', 'one name'],
      ['--days 30 localhost 127.0.0.1', 'for a browser on this machine, for a month'],
    ],
    load: () => import('../commands/cert/self-signed.ts'),
  }),
  command({
    words: ['cert', 'renew'],
    changes: true,
    summary: 'Fetch a new certificate for the names of [acme] from their certificate authority, now.',
    more: 'The daemon does it by itself when a third of the life of the certificate is left. What is in force stays so until the new one is there.',
    options: [{ flag: '--due', says: 'only if it is due' }],
    examples: [
      ['', 'fetch it now, whether it is due or not'],
      ['--due', 'what the daemon calls'],
    ],
    load: () => import('../commands/cert/renew.ts'),
  }),
]
