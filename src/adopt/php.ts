import { type Candidate, candidate, fact } from './candidate.ts'
import { type AppTree, firstLineLike, firstOf, jsonObject, objectIn } from './tree.ts'

interface PhpKind {
  readonly kind: string
  readonly framework: string
  /** The files that are there in every application of it, or the packages that it needs. */
  readonly files: readonly string[]
  readonly packages: readonly string[]
  /** Every URL that is no file goes to its index.php. */
  readonly front: boolean
}

const KINDS: readonly PhpKind[] = [
  { kind: 'laravel', framework: 'Laravel', files: ['artisan'], packages: ['laravel/framework'], front: true },
  { kind: 'symfony', framework: 'Symfony', files: ['symfony.lock'], packages: ['symfony/framework-bundle'], front: true },
  { kind: 'slim', framework: 'Slim', files: [], packages: ['slim/slim'], front: true },
  { kind: 'wordpress', framework: 'WordPress', files: ['wp-load.php'], packages: [], front: true },
  { kind: 'dokuwiki', framework: 'DokuWiki', files: ['doku.php'], packages: [], front: false },
  { kind: 'drupal', framework: 'Drupal', files: ['core/lib/Drupal.php'], packages: ['drupal/core-recommended'], front: true },
  { kind: 'codeigniter', framework: 'CodeIgniter', files: ['spark'], packages: ['codeigniter4/framework'], front: true },
  { kind: 'cakephp', framework: 'CakePHP', files: ['bin/cake.php'], packages: ['cakephp/cakephp'], front: true },
  { kind: 'yii', framework: 'Yii', files: ['yii'], packages: ['yiisoft/yii2'], front: true },
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
    (kind) => firstOf(tree, kind.files) !== undefined || kind.packages.some((name) => packages.includes(name)),
  )
  const rewrites = firstLineLike(tree, inside(root, '.htaccess'), /^\s*RewriteRule\s.*\bindex\.php/i)
  const routes = known?.front ?? (rewrites !== undefined || (root !== '' && composer !== undefined))
  const because = whyFront(known, rewrites?.place)
  // PHP itself and its extensions stand among the packages, without a slash.
  const isInstalled = tree.files.has('vendor/autoload.php')
  const install = !isInstalled && packages.some((name) => name.includes('/'))
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
        fact('framework', known?.framework ?? 'PHP', whyKind(known, tree) ?? index),
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
          : [
              fact(
                'dependencies',
                'composer.json',
                isInstalled ? 'vendor/ is there' : install ? 'vendor/ is not there yet' : 'it names no package',
              ),
            ]),
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

function whyKind(known: PhpKind | undefined, tree: AppTree): string | undefined {
  return known && (firstOf(tree, known.files) ?? `composer.json needs ${known.packages.join(' or ')}`)
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
