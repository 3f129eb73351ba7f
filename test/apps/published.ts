/** Applications that others have published, each in the version it was looked at. What a person would write beside them is here too. */
export interface Published {
  readonly name: string
  /** As the table names it. */
  readonly title: string
  /** Programs that have to be on the machine, and the package of Debian that has each. */
  readonly needs?: Readonly<Record<string, string>>
  /** Commands that leave the application in the current directory, which is empty. */
  readonly get: string
  /** Files of its owner. */
  readonly files: Readonly<Record<string, string>>
  /** A page below the URL of the plugin, and what it has to say. */
  readonly page: string
  readonly says: RegExp
  /** A source to which a line is added, where it has some. */
  readonly edit?: { readonly file: string; readonly line: string }
}

export const PUBLISHED: readonly Published[] = [
  {
    name: 'datasette',
    title: 'datasette 0.65.5 (PyPI)',
    get: 'true',
    files: {
      'requirements.txt': 'datasette==0.65.5\n',
      Procfile: 'web: datasette serve --memory --host 127.0.0.1 --port $PORT\n',
    },
    page: '/-/versions.json',
    says: /"datasette"/,
  },
  {
    name: 'httpbin',
    title: 'httpbin 0.10.2 (PyPI), Flask',
    get: 'pip download --quiet --no-deps --no-binary :all: httpbin==0.10.2 && tar xzf httpbin-*.tar.gz --strip-components=1 && rm httpbin-*.tar.gz',
    files: {},
    page: '/anything/x?a=1',
    says: /"a": ?"1"/,
    edit: { file: 'httpbin/core.py', line: '# edited' },
  },
  {
    name: 'radicale',
    title: 'Radicale 3.5.8 (PyPI)',
    get: 'true',
    files: {
      'requirements.txt': 'radicale==3.5.8\n',
      Procfile: 'web: radicale --server-hosts=127.0.0.1:$PORT --auth-type=none --storage-filesystem-folder=collections\n',
    },
    page: '/.web/',
    says: /Radicale/,
  },
  {
    name: 'json-server',
    title: 'json-server 0.17.4 (npm)',
    get: 'true',
    files: {
      'package.json': JSON.stringify(
        { scripts: { start: 'json-server db.json' }, dependencies: { 'json-server': '0.17.4' } },
        null,
        2,
      ),
      'db.json': '{ "posts": [{ "id": 1, "title": "a post" }] }\n',
    },
    page: '/posts/1',
    says: /a post/,
  },
  {
    name: 'express',
    title: 'what express-generator 4.16.1 makes (npm)',
    get: 'npx --yes express-generator@4.16.1 --no-view --force .',
    files: {},
    page: '/users',
    says: /respond with a resource/,
    edit: { file: 'app.js', line: '// edited' },
  },
  {
    name: 'vite',
    title: 'the starter of create-vite 7.1.3 (npm)',
    get: 'npm pack --silent create-vite@7.1.3 && tar xzf create-vite-*.tgz && cp -r package/template-vanilla/. . && rm -r package create-vite-*.tgz',
    files: {},
    page: '/any/url',
    says: /src="\/vite\/assets\/index-[^"]+\.js"/,
  },
  {
    name: 'http-echo',
    title: 'http-echo 1.0.0 (Go)',
    get: 'cp -r "$(go mod download -json github.com/hashicorp/http-echo@v1.0.0 | sed -n \'s/.*"Dir": "\\(.*\\)",/\\1/p\')/." . && chmod -R u+w .',
    files: { Procfile: 'web: bin/server -listen=127.0.0.1:$PORT -text=hello-world\n' },
    page: '/',
    says: /hello-world/,
    edit: { file: 'main.go', line: '// edited' },
  },
  {
    name: 'wiremock',
    title: 'WireMock 3.13.1 (Maven Central), a jar',
    get: 'mvn -q dependency:copy -Dartifact=org.wiremock:wiremock-standalone:3.13.1 -DoutputDirectory=.',
    files: { Procfile: 'web: java -jar wiremock-standalone-3.13.1.jar --port $PORT --bind-address 127.0.0.1\n' },
    page: '/__admin/mappings',
    says: /"mappings"/,
  },
  {
    name: 'dokuwiki',
    title: 'DokuWiki 2022-07-31a (Debian)',
    needs: { 'php-fpm': 'php-fpm', dpkg: 'dpkg' },
    // Debian spreads it over the system. Its owner has it in one directory, as its makers publish it.
    get: [
      'apt-get download dokuwiki php-geshi php-phpseclib libphp-simplepie',
      'for deb in *.deb; do dpkg -x $deb deb; done',
      'rm deb/usr/share/dokuwiki/.htaccess deb/usr/share/dokuwiki/lib/tpl deb/usr/share/dokuwiki/lib/plugins deb/usr/share/dokuwiki/inc/preload.php',
      'cp -r deb/usr/share/dokuwiki/. .',
      'cp -r deb/var/lib/dokuwiki/lib/. lib/',
      'cp -r deb/var/lib/dokuwiki/data .',
      'rm deb/etc/dokuwiki/acl.auth.php deb/etc/dokuwiki/users.auth.php',
      'cp -r deb/etc/dokuwiki conf',
      'mkdir vendor/debian',
      'rm deb/usr/share/php/random_compat',
      'cp -rL deb/usr/share/php deb/usr/share/php-geshi vendor/debian/',
      `sed -i "s#'/usr/share/php#DOKU_INC . 'vendor/debian/php#" vendor/composer/*.php inc/load.php inc/parserutils.php`,
      'rm -r deb *.deb',
    ].join('\n'),
    files: { 'conf/local.php': "<?php\n$conf['savedir'] = './data';\n" },
    page: '/doku.php',
    says: /DokuWiki/i,
    edit: { file: 'conf/local.php', line: '// edited' },
  },
]
