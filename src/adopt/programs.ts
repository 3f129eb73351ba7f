import { type Candidate, candidate, type Fact, fact } from './candidate.ts'
import { GEMS } from './procfile.ts'
import {
  type AppTree,
  baseName,
  depthOf,
  directoryOf,
  firstLineLike,
  firstLineOf,
  firstOf,
  type Line,
  linesLike,
} from './tree.ts'

/** Programs that are built from sources, and those that are there. */
export function programCandidates(tree: AppTree): readonly Candidate[] {
  const built = [
    ...goCandidates(tree),
    ...rustCandidates(tree),
    ...javaCandidates(tree),
    ...rubyCandidates(tree),
    ...dotnetCandidates(tree),
  ]
  return [...built, ...executableCandidates(tree)]
}

interface Program {
  readonly kind: string
  readonly framework: string
  readonly because: string
  /** The command line, which a variable tells the port. */
  readonly line: string
  readonly entry: string
  readonly build: readonly string[]
  readonly facts: readonly Fact[]
  readonly notes?: readonly string[]
  readonly watched: readonly string[]
  readonly rank?: 'server' | 'last'
}

function program({ rank = 'server', notes = [], ...found }: Program): Candidate {
  const { line, build } = found
  return candidate({
    kind: found.kind,
    framework: found.framework,
    rank,
    type: 'command',
    values: { main_arg: line, directory: '.', static_routing: '0' },
    build,
    facts: [
      fact('framework', found.framework, found.because),
      fact('entry point', found.entry, found.because),
      ...build.map((step) => fact('build', step, found.because)),
      ...found.facts,
    ],
    notes,
    watched: found.watched,
  })
}

function goCandidates(tree: AppTree): readonly Candidate[] {
  const module = firstLineLike(tree, 'go.mod', /^module\s+(\S+)/)
  if (module === undefined) return []
  const mains = [...tree.files].filter(
    (file) => file.endsWith('.go') && !file.endsWith('_test.go') && firstLineLike(tree, file, /^package\s+main\b/),
  )
  const directories = [...new Set(mains.map(directoryOf))].filter(
    (directory) => !/(?:^|\/)(?:examples?|testdata|tools?|internal)(?:\/|$)/.test(directory),
  )
  const [main, ...others] = directories.sort((one, other) => depthOf(one) - depthOf(other) || one.localeCompare(other))
  if (main === undefined) return []
  const build = `go build -o bin/server ./${main}`
  const port = portOf(
    tree,
    mains.filter((file) => directoryOf(file) === main),
    /(?:Getenv|LookupEnv)\("PORT"\)/,
    /flag\.(?:String|Int)(?:Var)?\((?:&\w+,\s*)?"([\w-]*(?:port|addr|listen|address)[\w-]*)"/,
    /(?:ListenAndServe|\.Run)\(\s*"([^"]*:\d+)"/,
  )
  const line =
    port.option === undefined
      ? 'env PORT={port} server'
      : `server -${port.option} ${/port/.test(port.option) ? '{port}' : '127.0.0.1:{port}'}`
  return [
    program({
      ...{
        kind: 'go',
        framework: 'Go',
        because: module.place,
        line,
        entry: main === '' ? 'package main' : `package main of ${main}`,
      },
      build: [build],
      facts: port.facts,
      notes: [
        ...port.notes,
        ...(others.length > 0
          ? [`There are programs in ${others.slice(0, 5).join(', ')} too: the key build says which one is built.`]
          : []),
      ],
      watched: ['*.go', '/bin/server'],
    }),
  ]
}

interface Port {
  readonly option: string | undefined
  readonly facts: readonly Fact[]
  readonly notes: readonly string[]
}

/** How a program is told the port: by a variable, by an option, or not at all. */
function portOf(tree: AppTree, files: readonly string[], variable: RegExp, option: RegExp | undefined, fixed: RegExp): Port {
  const find = (pattern: RegExp | undefined): Line | undefined => pattern && firstLineOf(tree, files, pattern)
  const byVariable = find(variable)
  if (byVariable !== undefined)
    return { option: undefined, facts: [fact('port', 'the variable PORT', byVariable.place)], notes: [] }
  const byOption = find(option)
  if (byOption !== undefined) {
    const { first: name, place } = byOption
    return { option: name, facts: [fact('port', `the option -${name}`, place)], notes: [] }
  }
  const written = find(fixed)
  const notes =
    written === undefined
      ? [
          'How it is told its port was not found: it gets PORT in its environment. If it has an option for it, write {port} into main_arg.',
        ]
      : [
          `It listens on ${written.first} whatever it is told (${written.place}): let it read PORT, or an option, since each of its workers needs a port of its own.`,
        ]
  return { option: undefined, facts: [fact('port', 'the variable PORT', 'mfserv sets it')], notes }
}

function rustCandidates(tree: AppTree): readonly Candidate[] {
  const name = firstLineLike(tree, 'Cargo.toml', /^\s*name\s*=\s*"([\w-]+)"/)
  if (name === undefined || !tree.files.has('src/main.rs')) return []
  const rocket = firstLineLike(tree, 'Cargo.toml', /^\s*rocket\s*=/)
  const port = portOf(
    tree,
    [...tree.files].filter((file) => file.endsWith('.rs')),
    /var(?:_os)?\("PORT"\)/,
    undefined,
    /(?:(?:bind|from)\(\s*"(?=[^"]*:\d+")|\[0, 0, 0, 0\], (?=\d))([^"\s,)]+)/,
  )
  const variables = rocket === undefined ? 'PORT={port}' : 'ROCKET_PORT={port} PORT={port}'
  return [
    program({
      ...{ kind: 'rust', framework: rocket === undefined ? 'Rust' : 'Rocket', because: name.place, entry: 'src/main.rs' },
      line: `env ${variables} ./target/release/${name.first}`,
      build: ['cargo build --release'],
      ...(rocket === undefined ? port : { facts: [fact('port', 'the variable ROCKET_PORT', rocket.place)] }),
      watched: ['*.rs', `/target/release/${name.first}`],
    }),
  ]
}

/** The name of the jar is that of the project, which a script in Groovy or Kotlin says. */
const A_GUESS = 'build/libs/app.jar'
/** With the task of Gradle that makes it, and what that makes. */
const JAVA = {
  spring: { framework: 'Spring Boot', task: 'bootJar', made: A_GUESS },
  quarkus: { framework: 'Quarkus', task: 'quarkusBuild', made: 'build/quarkus-app/quarkus-run.jar' },
  java: { framework: 'Java', task: 'assemble', made: A_GUESS },
} as const

function javaCandidates(tree: AppTree): readonly Candidate[] {
  const jars = [...tree.files].filter(
    (file) =>
      /^(?:(?:target|build\/libs)\/)?[^/]+\.jar$/.test(file) && !/-(?:sources|javadoc|plain|tests|wrapper)\.jar$/.test(file),
  )
  const builders = ['pom.xml', 'build.gradle', 'build.gradle.kts']
  const builder = firstOf(tree, builders)
  const spring = firstLineOf(tree, builders, /spring-boot/)
  const quarkus = firstLineOf(tree, builders, /quarkus/)
  const [jar] = jars
  if (jar === undefined && spring === undefined && quarkus === undefined) return []
  const maven = builder === 'pom.xml'
  const tool = maven ? (tree.files.has('mvnw') ? './mvnw' : 'mvn') : tree.files.has('gradlew') ? './gradlew' : 'gradle'
  const kind = spring !== undefined ? 'spring' : quarkus !== undefined ? 'quarkus' : 'java'
  const { framework, task, made: gradleMakes } = JAVA[kind]
  const build = builder === undefined ? [] : [`${tool} ${maven ? '-q -DskipTests package' : `-q ${task}`}`]
  const [artifact, version] = [outermost(tree, 'artifactId'), outermost(tree, 'version')]
  const made =
    quarkus === undefined ? `target/${artifact ?? 'app'}-${version ?? '1.0'}.jar` : 'target/quarkus-app/quarkus-run.jar'
  const entry = jar ?? (maven ? made : gradleMakes)
  return [
    program({
      ...{ kind, framework, entry, build },
      because: (spring ?? quarkus)?.place ?? entry,
      line: `env SERVER_PORT={port} QUARKUS_HTTP_PORT={port} PORT={port} java -jar ${entry}`,
      facts: [
        fact('port', 'the variable SERVER_PORT or PORT', spring === undefined ? 'mfserv sets both' : 'Spring Boot reads it'),
      ],
      notes: [
        ...(jars.length > 1 ? [`There are ${jars.length} jars: main_arg says which one is run.`] : []),
        ...(entry === A_GUESS ? ['The name of the jar that Gradle makes is a guess: main_arg says it.'] : []),
        'Java reserves more memory than it uses: leave rlimit_as empty.',
      ],
      watched: [`/${entry}`],
    }),
  ]
}

/** An element of the project itself, by how little it is indented: those of its parent and its dependencies are deeper. */
function outermost(tree: AppTree, element: string): string | undefined {
  const found = linesLike(tree, 'pom.xml', new RegExp(`^(\\s*)<${element}>([\\w.-]+)</${element}>`))
  return found.toSorted((one, other) => one.first.length - other.first.length)[0]?.second
}

function rubyCandidates(tree: AppTree): readonly Candidate[] {
  const gems = firstOf(tree, ['Gemfile'])
  const rack = firstOf(tree, ['config.ru'])
  if (gems === undefined || rack === undefined) return []
  const rails = firstLineLike(tree, gems, /^\s*gem\s+["']rails["']/)
  const sinatra = firstLineLike(tree, gems, /^\s*gem\s+["']sinatra["']/)
  const puma = firstLineLike(tree, gems, /^\s*gem\s+["']puma["']/)
  const bundle = `env ${GEMS}`
  const server = puma === undefined ? 'rackup -o 127.0.0.1 -p {port}' : 'puma -b unix://{unix_socket_path}'
  const framework = rails !== undefined ? 'Ruby on Rails' : sinatra !== undefined ? 'Sinatra' : 'Ruby (Rack)'
  return [
    program({
      ...{ kind: rails !== undefined ? 'rails' : sinatra !== undefined ? 'sinatra' : 'ruby', framework, entry: rack },
      because: (rails ?? sinatra)?.place ?? rack,
      line: `${bundle}${rails === undefined ? '' : ' RAILS_ENV=production'} bundle exec ${server}`,
      build: [`${bundle} bundle install`],
      facts: [
        fact('dependencies', gems, 'Bundler installs them into vendor/bundle'),
        fact('port', puma === undefined ? 'the option -p' : 'none: Puma listens on the socket', puma?.place ?? rack),
      ],
      notes: rails === undefined ? [] : ['Rails needs SECRET_KEY_BASE or RAILS_MASTER_KEY: write it into .layerapi2_extra_env.'],
      watched: ['*.rb', '*.ru', '*.erb'],
    }),
  ]
}

function dotnetCandidates(tree: AppTree): readonly Candidate[] {
  const [found] = [...tree.files]
    .filter((file) => /^[\w.-]+\.(?:csproj|fsproj)$/.test(file))
    .flatMap((file) => linesLike(tree, file, /Sdk="Microsoft\.NET\.Sdk\.Web"/).map(({ place }) => ({ project: file, place })))
  if (found === undefined) return []
  const { project, place } = found
  const name = project.replace(/\.\w+$/, '')
  return [
    program({
      ...{ kind: 'dotnet', framework: 'ASP.NET Core', because: place, entry: `out/${name}.dll` },
      line: `dotnet out/${name}.dll --urls http://127.0.0.1:{port}`,
      build: [`dotnet publish ${project} -c Release -o out`],
      facts: [fact('port', 'the option --urls', 'ASP.NET Core reads it')],
      watched: ['*.cs', `/out/${name}.dll`],
    }),
  ]
}

/** A program of a telling name: served only where nothing else is. */
function executableCandidates(tree: AppTree): readonly Candidate[] {
  const named = [...tree.executables].filter((file) => /^(?:bin\/)?(?:server|main|app|serve|run)$/.test(file))
  const [file] = named
  if (file === undefined) return []
  const inBin = file.startsWith('bin/')
  return [
    program({
      ...{ kind: 'program', framework: 'a program', because: `${file} may be executed`, entry: file, build: [], rank: 'last' },
      line: `env PORT={port} ${inBin ? baseName(file) : `./${file}`}`,
      facts: [fact('port', 'the variable PORT', 'mfserv sets it')],
      notes: [
        'How it is told its port was not found: it gets PORT in its environment. If it has an option for it, write {port} into main_arg.',
      ],
      watched: [`/${file}`],
    }),
  ]
}
