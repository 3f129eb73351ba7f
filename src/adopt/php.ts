import { type Candidate, candidate, fact } from './candidate.ts'
import { type AppTree, firstLineLike, firstOf, jsonObject, objectIn } from './tree.ts'

interface PhpKind {
  readonly kind: string
  readonly framework: string
  /** The file that is there in every application of it, or the package that it needs. */
  readonly file?: string
  readonly package?: string
  /** Every URL that is no file goes to its index.php. */
  readonly front: boolean
}

const KINDS: readonly PhpKind[] = [
  { kind: 'laravel', framework: 'Laravel', file: 'artisan', package: 'laravel/framework', front: true },
  { kind: 'symfony', framework: 'Symfony', file: 'symfony.lock', package: 'symfony/framework-bundle', front: true },
  { kind: 'slim', framework: 'Slim', package: 'slim/slim', front: true },
  { kind: 'wordpress', framework: 'WordPress', file: 'wp-load.php', front: true },
  { kind: 'dokuwiki', framework: 'DokuWiki', file: 'doku.php', front: false },
  { kind: 'drupal', framework: 'Drupal', file: 'core/lib/Drupal.php', package: 'drupal/core-recommended', front: true },
  { kind: 'codeigniter', framework: 'CodeIgniter', file: 'spark', package: 'codeigniter4/framework', front: true },
  { kind: 'cakephp', framework: 'CakePHP', file: 'bin/cake.php', package: 'cakephp/cakephp', front: true },
  { kind: 'yii', framework: 'Yii', file: 'yii', package: 'yiisoft/yii2', front: true },
]
/** Where an `index.php` is that the world may ask for, the likeliest first. */
const ROOTS = ['public', 'web', 'webroot', 'www', 'htdocs', '']
/** What is served as a file beside scripts. */
const EXTENSIONS = 'css js mjs map png jpg jpeg gif svg ico webp avif woff woff2 ttf eot txt webmanifest'

export function phpCandidates(tree: AppTree): readonly Candidate[] {
  const root = ROOTS.find((directory) => tree.files.has(inside(directory, 'index.php')))
  if (root === undefined) return []
  const index = inside(root, 'index.php')
  const composer = jsonObject(tree, 'composer.json')
  const packages = Object.keys(objectIn(composer, 'require'))
  const known = KINDS.find(
    (kind) =>
      (kind.file !== undefined && tree.files.has(kind.file)) || (kind.package !== undefined && packages.includes(kind.package)),
  )
  const rewrites = firstLineLike(tree, inside(root, '.htaccess'), /^\s*RewriteRule\s.*\bindex\.php/i)
  const routes = known?.front ?? (rewrites !== undefined || (root !== '' && composer !== undefined))
  const because = whyFront(known, rewrites?.place)
  const install = composer !== undefined && !tree.files.has('vendor/autoload.php') && packages.some((name) => name.includes('/'))
  const build = install ? ['composer install --no-dev --no-interaction --optimize-autoloader'] : []
  return [
    candidate({
      kind: known?.kind ?? 'php',
      framework: known?.framework ?? 'PHP',
      ...{ rank: 'server', type: 'php' },
      values: {
        directory: root === '' ? '.' : root,
        // Without one, no file beside the scripts would be served.
        front_controller: 'index.php',
        static_extensions: EXTENSIONS,
        static_routing: '0',
      },
      build,
      facts: [
        fact('framework', known?.framework ?? 'PHP', whyKind(known, tree, packages) ?? index),
        fact(
          'entry point',
          `${index}, for every URL that is neither a file nor a script`,
          routes ? because : 'files beside scripts are served with a front controller only',
        ),
        fact(
          'static files',
          `${root === '' ? 'the application' : `${root}/`}, by their extensions`,
          'the key static_extensions names them',
        ),
        ...(composer === undefined
          ? []
          : [fact('dependencies', 'composer.json', install ? 'vendor/ is not there yet' : 'vendor/ is there')]),
        ...build.map((step) => fact('build', step, 'composer.json')),
      ],
      notes: notesOf(known, root, routes),
      watched: ['*.php'],
    }),
  ]
}

function inside(directory: string, file: string): string {
  return directory === '' ? file : `${directory}/${file}`
}

function whyKind(known: PhpKind | undefined, tree: AppTree, packages: readonly string[]): string | undefined {
  if (known === undefined) return undefined
  return (
    firstOf(tree, known.file === undefined ? [] : [known.file]) ??
    `composer.json needs ${packages.find((name) => name === known.package)}`
  )
}

function whyFront(known: PhpKind | undefined, rewrite: string | undefined): string {
  if (known !== undefined) return `${known.framework} routes by itself`
  return rewrite ?? 'composer.json and a public directory'
}

function notesOf(known: PhpKind | undefined, root: string, routes: boolean): readonly string[] {
  const rights =
    'What it writes (uploads, caches, a database in a file) lies in the directory of the plugin, which a release replaces: let it write below MFSERV_CURRENT_PLUGIN_DATA_DIR.'
  const controller = routes
    ? []
    : [
        `A URL that is neither a file nor a script is answered by ${root === '' ? '' : `${root}/`}index.php; without front_controller it is 404, and only scripts are served.`,
      ]
  const whole =
    root === '' && known === undefined
      ? [
          'Its whole directory is served. Move what nobody may ask for into another one, and name the one to serve by the key directory.',
        ]
      : []
  return [...controller, ...whole, ...(known?.kind === 'wordpress' || known?.kind === 'dokuwiki' ? [rights] : [])]
}
