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
  /** A server beside it, such as its database: the command that runs it, one that succeeds when it answers, and one that fills it. */
  readonly beside?: { readonly run: string; readonly answers: string; readonly fill: string }
  /** A page below the URL of the plugin, and what it has to say. */
  readonly page: string
  readonly says: RegExp
  /** Further pages and files, and what each says. */
  readonly also?: Readonly<Record<string, RegExp>>
  /** A source to which a line is added, where it has some. */
  readonly edit?: { readonly file: string; readonly line: string }
}

/** What the owner of a WordPress adds to its configuration. */
const OWN_WORDPRESS = `$below = str_starts_with( $_SERVER['SCRIPT_NAME'] ?? '', '/wordpress/' ) ? '/wordpress' : '';
define( 'WP_HOME', 'http://' . ( $_SERVER['HTTP_HOST'] ?? 'localhost' ) . $below );
define( 'WP_SITEURL', WP_HOME );
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
define( 'DISABLE_WP_CRON', true );
`

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
    name: 'nextjs',
    title: 'what create-next-app 15.5.28 makes (npm), standalone',
    get: 'npx --yes create-next-app@15.5.28 . --yes --js --app --no-eslint --no-tailwind --no-src-dir --no-turbopack --skip-install --disable-git',
    files: {
      'next.config.mjs': 'const nextConfig = { output: "standalone" };\n\nexport default nextConfig;\n',
      // Without the fonts that its build would fetch from elsewhere.
      'app/layout.js':
        'import "./globals.css";\n\nexport const metadata = {\n  title: "Create Next App",\n};\n\nexport default function RootLayout({ children }) {\n  return (\n    <html lang="en">\n      <body>{children}</body>\n    </html>\n  );\n}\n',
    },
    page: '/',
    says: /Create Next App/,
    also: { '/next.svg': /<svg/, '/favicon.ico': /^\0\0/ },
    edit: { file: 'app/page.js', line: '// edited' },
  },
  {
    name: 'sveltekit',
    title: 'what sv 0.17.1 makes (npm), SvelteKit with adapter-node',
    get: [
      'npx --yes sv@0.17.1 create . --template minimal --no-types --no-add-ons --no-install',
      'sed -i \'s/"@sveltejs\\/adapter-auto": "[^"]*"/"@sveltejs\\/adapter-node": "5.5.7"/\' package.json',
      "sed -i 's/adapter-auto/adapter-node/' vite.config.js",
    ].join('\n'),
    files: {},
    page: '/',
    says: /Welcome to SvelteKit/,
    also: { '/robots.txt': /User-agent/ },
    edit: { file: 'src/routes/+page.svelte', line: '<!-- edited -->' },
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
    name: 'spring',
    title: 'the application of the guide to Spring Boot, 3.5.7 (Maven Central)',
    needs: { java: 'default-jre-headless', mvn: 'maven' },
    get: 'true',
    files: {
      'pom.xml': `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
	xsi:schemaLocation="http://maven.apache.org/POM/4.0.0 https://maven.apache.org/xsd/maven-4.0.0.xsd">
	<modelVersion>4.0.0</modelVersion>
	<parent>
		<groupId>org.springframework.boot</groupId>
		<artifactId>spring-boot-starter-parent</artifactId>
		<version>3.5.7</version>
		<relativePath/> <!-- lookup parent from repository -->
	</parent>
	<groupId>com.example</groupId>
	<artifactId>spring-boot-initial</artifactId>
	<version>0.0.1-SNAPSHOT</version>
	<name>spring-boot-initial</name>
	<description>Demo project for Spring Boot</description>
	<properties>
		<java.version>17</java.version>
	</properties>
	<dependencies>
		<dependency>
			<groupId>org.springframework.boot</groupId>
			<artifactId>spring-boot-starter-web</artifactId>
		</dependency>
	</dependencies>

	<build>
		<plugins>
			<plugin>
				<groupId>org.springframework.boot</groupId>
				<artifactId>spring-boot-maven-plugin</artifactId>
			</plugin>
		</plugins>
	</build>

</project>
`,
      'src/main/java/com/example/springboot/Application.java': `package com.example.springboot;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

@SpringBootApplication
public class Application {

	public static void main(String[] args) {
		SpringApplication.run(Application.class, args);
	}

}
`,
      'src/main/java/com/example/springboot/HelloController.java': `package com.example.springboot;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
public class HelloController {

	@GetMapping("/")
	public String index() {
		return "Greetings from Spring Boot!";
	}

}
`,
    },
    page: '/',
    says: /^Greetings from Spring Boot!$/,
    edit: { file: 'src/main/java/com/example/springboot/HelloController.java', line: '// edited' },
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
    also: {
      '/doku.php?id=wiki:syntax': /Formatting Syntax/,
      '/lib/images/license/button/cc-by.png': /PNG/,
      '/lib/exe/css.php?t=dokuwiki': /\.dokuwiki/,
    },
    edit: { file: 'conf/local.php', line: '// edited' },
  },
  {
    name: 'wordpress',
    title: 'WordPress 6.1.9 (Debian) with permalinks, on MariaDB',
    needs: { 'php-fpm': 'php-fpm', php: 'php-cli', mariadbd: 'mariadb-server', dpkg: 'dpkg' },
    get: [
      `php -r 'extension_loaded("mysqli") || exit(1);' || { echo 'this PHP has no mysqli: apt install php-mysql' >&2; exit 1; }`,
      'apt-get download wordpress wordpress-theme-twentytwentythree php-getid3 libjs-underscore libjs-cropper',
      'for deb in *.deb; do dpkg -x $deb deb; done',
      'rm deb/usr/share/wordpress/.htaccess deb/usr/share/wordpress/wp-config.php',
      'cp -rL deb/usr/share/wordpress/. .',
      'rm -r deb *.deb',
      // As the file that comes with it says, with its URL taken from the request, and without a look at the network.
      `cat >own-config.php <<'END'
${OWN_WORDPRESS}END`,
      `sed -e s/database_name_here/wordpress/ -e "s/username_here/$(id -un)/" -e s/password_here// -e "s#'localhost'#'localhost:$(dirname $PWD)/db/db.sock'#" -e "/add any custom values/Ir own-config.php" wp-config-sample.php >wp-config.php && rm own-config.php`,
      'mkdir ../db && mariadb-install-db --no-defaults --user=$(id -un) --datadir=$(dirname $PWD)/db/data --auth-root-authentication-method=normal',
    ].join('\n'),
    files: {},
    beside: {
      run: 'exec mariadbd --no-defaults --user=$(id -un) --datadir=$(dirname $PWD)/db/data --socket=$(dirname $PWD)/db/db.sock --skip-networking --pid-file=$(dirname $PWD)/db/db.pid',
      answers: 'mariadb-admin --no-defaults --user=root --socket=../db/db.sock ping',
      fill: `mariadb --no-defaults --user=root --socket=../db/db.sock -e 'CREATE DATABASE wordpress'
php -r 'define("WP_INSTALLING", true); require "wp-load.php"; require "wp-admin/includes/upgrade.php"; wp_install("A site", "jane", "jane@example.org", true, "", "secret"); $wp_rewrite->set_permalink_structure("/%postname%/"); flush_rewrite_rules();'`,
    },
    page: '/hello-world/?from=here',
    says: /Welcome to WordPress\. This is your first post/,
    also: {
      '/': /A site/,
      '/?s=first+post': /Search results for|hello-world/i,
      '/sample-page/': /example page/,
      '/wp-login.php?redirect_to=x': /user_login/,
      '/wp-includes/css/dist/block-library/style.min.css': /wp-block/,
      '/wp-json/wp/v2/posts?per_page=1': /"slug":"hello-world"/,
    },
    edit: { file: 'wp-config.php', line: '// edited' },
  },
]
