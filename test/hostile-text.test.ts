import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import { test } from 'node:test'
import { candidatesOf } from '../src/adopt/decide.ts'
import type { AppTree } from '../src/adopt/tree.ts'
import { inherit } from '../src/config/inherit.ts'
import { DOCUMENTED_INI, parseIni } from '../src/config/ini.ts'
import { render } from '../src/config/variables.ts'
import { chooseVariants } from '../src/config/variants.ts'
import { timesOf } from '../src/cron/schedule.ts'
import { blamedLine } from '../src/host/environments/blame.ts'
import { parsePackageJson } from '../src/host/environments/node/package-json.ts'
import { requirementLines } from '../src/host/environments/requirements.ts'
import { contentsOf } from '../src/package/contents/contents.ts'
import { readMetadata } from '../src/package/metadata.ts'
import { compareVersions } from '../src/package/needs.ts'
import { readWheelName } from '../src/package/wheel.ts'
import { readCrontab } from '../src/plugin/crontab.ts'
import { readDependencies, readExtraEnv } from '../src/plugin/layer-files.ts'
import { nestedIn, readFragment } from '../src/plugin/nginx-fragment.ts'
import { parsePlugin } from '../src/plugin/parse.ts'
import { accident } from '../src/plugin/section.ts'
import { isError } from '../src/problem.ts'
import { parseRequestLine } from '../src/receipt/request-line.ts'
import { words } from '../src/runtime/words.ts'
import type { Millis } from '../src/time.ts'

/*
 * The daemon and the commands read what others wrote. Each of these reads half a megabyte of the worst text in well under a second;
 * what takes the square of its length would take minutes, so that the bound can be wide enough for any machine.
 */
const SIZE = 1 << 19
const WITHIN_MS = 10_000

const WHERE = { file: 'f', line: 1 }
const VARIABLES = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`MFSERV_CURRENT_SETTING_NUMBER_${index}`, 'v']))

const GENERAL = '[general]\nversion=1\nsummary=s\nlicense=l\nurl=u\nmaintainer=m\nvendor=v\n'
const STATIC = '[app_main]\ntype=static\n'

const HOSTILE: Readonly<Record<string, () => unknown>> = {
  'opening braces': () => render(filled('{'), VARIABLES, WHERE),
  'braces that are never closed': () => render(filled('{{a '), VARIABLES, WHERE),
  'braces over many lines': () => render(filled('{{\n'), VARIABLES, WHERE),
  'variables that nobody has': () =>
    render(
      filled((index) => `{{MFSERV_CURRENT_SETTING_NAMBER_${index}}}`),
      VARIABLES,
      WHERE,
    ),
  'brackets in a key': () => chooseVariants([{ key: filled('['), text: '1', where: WHERE }], 'GENERIC'),
  'blanks in a key': () => chooseVariants([{ key: `a${filled(' ')}b`, text: '1', where: WHERE }], 'GENERIC'),
  'blanks in a value': () => accident(`a${filled(' ')}b`, () => false),
  'brackets as INI': () => parseIni(filled('['), 'f', DOCUMENTED_INI),
  'continuations as INI': () => parseIni(`[a]\nb=1\n${filled(' c\n')}`, 'f', DOCUMENTED_INI),
  'sections as INI': () =>
    inherit(
      parseIni(
        filled((index) => `[s${index}]\n`),
        'f',
        DOCUMENTED_INI,
      ),
    ),
  'a chain of sections': () =>
    inherit(
      parseIni(
        filled((index) => `[s${index}:s${index + 1}]\nk${index}=1\n`),
        'f',
        DOCUMENTED_INI,
      ),
    ),
  'parents that are not there': () => inherit(parseIni(`[a${filled((index) => `:b${index}`)}]\n[c]\n`, 'f', DOCUMENTED_INI)),
  'sections that inherit all the same': () =>
    inherit(
      parseIni(
        `[p]\n${filled((index) => `k${index}=1\n`, 0.5)}${filled((index) => `[c${index}:p]\n`, 0.5)}`,
        'f',
        DOCUMENTED_INI,
      ),
    ),
  'a config.ini of braces': () => plugin({ ini: `${GENERAL}${STATIC}main_arg=${filled('{')}\n` }),
  'a config.ini of unknown keys': () => plugin({ ini: `${GENERAL}${STATIC}${filled((index) => `workres${index}=1\n`)}` }),
  'a config.ini of unknown sections': () => plugin({ ini: `${GENERAL}${filled((index) => `[ap_main${index}]\nk=1\n`)}` }),
  'a config.ini of apps': () => plugin({ ini: `${GENERAL}${filled((index) => `[app_a${index}]\ntype=static\n`)}` }),
  'a config.ini of [DEFAULT]': () =>
    plugin({
      ini: `${GENERAL}[DEFAULT]\n${filled((index) => `k${index}=1\n`, 0.5)}${filled((index) => `[app_a${index}]\n`, 0.5)}`,
    }),
  'a config.ini of [custom]': () =>
    plugin({ ini: `${GENERAL}[custom]\n${filled((index) => `k${index}={{MFSERV_CURRENT_SETTING_NAMBER_${index}}}\n`)}` }),
  'an override of unknown sections': () =>
    plugin({
      ini: `${GENERAL}${filled((index) => `[custom_${index}]\n`, 0.2)}`,
      override: filled((index) => `[costum_${index}]\nk=1\n`),
    }),
  'as many lines as a config.ini may have, unknown keys': () =>
    plugin({ ini: `${GENERAL}${STATIC}${lines((index) => `workers${'x'.repeat(80)}${index}=1\n`)}` }),
  'as many lines as a config.ini may have, unknown sections': () =>
    plugin({ ini: `${GENERAL}${lines((index) => `[app${'x'.repeat(80)}${index}]\n`)}` }),
  'as many lines as a config.ini may have, apps': () => plugin({ ini: `${GENERAL}${lines((index) => `[app_a${index}]\n`)}` }),
  'as many lines as a config.ini may have, unknown variables': () =>
    plugin({
      ini: `${GENERAL}[custom]\n${lines((index) => `k${index}=${`{{MFSERV_CURRENT_SETTING_NAMBER_${index}}}`.repeat(5)}\n`)}`,
    }),
  'as many lines as a config.ini may have, heirs': () =>
    plugin({ ini: `${GENERAL}[p]\n${lines((index) => (index < 2400 ? `k${index}=1\n` : `[app_a${index}:p]\n`))}` }),
  'as many lines as a config.ini may have, parents that are not there': () =>
    plugin({ ini: `${GENERAL}${lines((index) => `[custom_${index}:a${index}:b${index}:c${index}:d${index}]\n`)}` }),
  'as many jobs as a crontab may have': () =>
    timesOfAll(crontab(Array.from({ length: 1000 }, (_, index) => `${index % 60} 3 29 2 * job ${index}\n`).join(''))),
  'a crontab of jobs': () => crontab(filled((index) => `${index % 60} 3 * * * job ${index}\n`)),
  'a crontab of days that hardly come': () => crontab(filled((index) => `${index % 60} 3 29 2 * job ${index}\n`)),
  'a crontab of variables': () => crontab(filled((index) => `A${index}=1\n* * * * * job ${index}\n`)),
  'a crontab of one line': () => crontab(filled('* ')),
  'a crontab of one field': () => crontab(`${filled('1,')}1 * * * * job`),
  'a crontab of wrong values': () => crontab(`${filled('jab,')}1 * * * * job`),
  'quotes as words': () => words(filled('"')),
  'quotes with backslashes as words': () => words(`"${filled('\\"')}`),
  'both quotes as words': () => words(filled(`"'`)),
  'quotes as a fragment': () => readFragment(filled(`"' `)),
  'backslashes as a fragment': () => readFragment(`"${filled('\\" ')}`),
  'braces as a fragment': () => readFragment(filled('{')),
  'variables as a fragment': () => readFragment(filled('${')),
  'locations as a fragment': () => nestedIn(readFragment(filled((index) => `location /${index} {}\n`)), '/app/'),
  'blanks as requirements': () => requirementLines(`a${filled(' ')}b`),
  'comments as requirements': () => requirementLines(filled(' #')),
  'backslashes as requirements': () => requirementLines(filled('\\\n')),
  'a message that blames much': () =>
    blamedLine(
      filled('name1 '),
      filled((index) => `pack${index}==1\n`),
      'requirements.txt',
    ),
  'brackets to blame': () => blamedLine('nothing', filled('a['), 'requirements.txt'),
  'blanks to blame': () => blamedLine(filled(' '), `${filled(' ')}x`, 'requirements.txt'),
  'dots to blame': () => blamedLine(`${filled('.')}x`, 'a==1', 'requirements.txt'),
  'a deep package.json': () => parsePackageJson(`{"dependencies":{"a":${deep(0.5)}}}`, 'package.json'),
  'a deep metadata': () => readMetadata(`{"version":${deep(0.5)}}`, WHERE),
  'patterns to ignore': () => contentsOf(filled((index) => `/a${index}\n`, 0.05)).judge('b/c', 'other'),
  'stars to ignore': () => contentsOf(`${'*a'.repeat(30)}*b\n`).judge('a'.repeat(200), 'other'),
  'double stars to ignore': () => contentsOf(`${'**/a/'.repeat(30)}b\n`).judge('a/'.repeat(90), 'other'),
  'a line of the access log': () =>
    parseRequestLine(`{"plugin":"a","status":1,"duration":1,"time":1,"upstream_addr":"${filled(', ')}"}`),
  'a deep line of the access log': () => parseRequestLine(deep(1)),
  'numbers as versions': () => compareVersions(filled('1.'), filled('1.')),
  'hyphens as a wheel': () => readWheelName(`${filled('-')}.whl`),
  'dots as a wheel': () => readWheelName(`a-1-${filled('py3.')}-none-any.whl`),
  'lines as dependencies': () => readDependencies({ file: 'f', text: filled('plugin_a@mfserv\n') }),
  'lines as an environment': () => readExtraEnv({ file: 'f', text: filled((index) => `A${index} = ${index}\n`) }),
  'blanks as an environment': () => readExtraEnv({ file: 'f', text: `A${filled(' ')}B` }),
  ...Object.fromEntries(
    [
      'from flask import Flask',
      'app = ',
      'a.',
      'application, ',
      '.listen(',
      '"a"',
      '<version>',
      'STATIC_ROOT = "',
      "\\ '",
      'def create_app(a,',
    ].map((text) => [
      `an application whose lines repeat ${JSON.stringify(text)}`,
      () => candidatesOf(applicationOf(text.repeat(Math.floor(499 / text.length)))),
    ]),
  ),
}

for (const [what, read] of Object.entries(HOSTILE)) {
  test(`half a megabyte of the worst text keeps nobody waiting: ${what}`, () => {
    const begun = performance.now()
    read()
    const took = performance.now() - begun
    assert.ok(took < WITHIN_MS, `it took ${Math.round(took)} ms`)
  })
}

test('a config.ini and a crontab that are larger than any that people write are refused, and the fix says how to make them small', () => {
  const cases = [
    { read: plugin({ ini: `${GENERAL}[custom]\n${filled('#\n', 2)}` }), file: 'config.ini' },
    { read: plugin({ ini: `${GENERAL}[custom]\na=${filled('x', 2)}` }), file: 'config.ini' },
    { read: plugin({ ini: `${GENERAL}${STATIC}`, crontab: filled('#\n', 2) }), file: 'crontab' },
    { read: plugin({ ini: `${GENERAL}${STATIC}`, crontab: `* * * * * ${filled('x', 2)}` }), file: 'crontab' },
    {
      read: plugin({
        ini: `${GENERAL}${STATIC}`,
        crontab: Array.from({ length: 1001 }, (_, i) => `* * * * * job ${i}\n`).join(''),
      }),
      file: 'crontab',
    },
  ]
  for (const { read, file } of cases) {
    assert.equal(read.plugin, undefined)
    const large = read.problems.filter(({ code }) => code === 'TOO_LARGE')
    assert.equal(large.length, 1)
    assert.equal(large[0]?.where?.file, file)
    assert.match(large[0]?.fix ?? '', /\S/)
  }
})

test('a large config.ini and a large crontab of a real plugin are read', () => {
  const apps = Array.from(
    { length: 200 },
    (_, index) => `[app_a${index}]\n${'# A comment of the template, as each key has one.\n'.repeat(15)}type=static\n`,
  )
  const jobs = Array.from({ length: 900 }, (_, index) => `${index % 60} ${index % 24} * * * job ${index}\n`)
  const read = plugin({ ini: `${GENERAL}${apps.join('')}`, crontab: jobs.join('') })
  assert.deepEqual(read.problems.filter(isError), [])
  assert.deepEqual([read.plugin?.apps.length, read.plugin?.crontab.length], [200, 900])
})

/** A text of half a megabyte, or a part of it, out of one piece after the other. */
function filled(piece: string | ((index: number) => string), part = 1): string {
  const size = SIZE * part
  if (typeof piece === 'string') return piece.repeat(Math.floor(size / piece.length))
  const pieces: string[] = []
  for (let bytes = 0; bytes < size; bytes += pieces.at(-1)?.length ?? 1) pieces.push(piece(pieces.length))
  return pieces.join('')
}

/** Nearly as many as a file of a plugin may have. */
function lines(line: (index: number) => string): string {
  return Array.from({ length: 4900 }, (_, index) => line(index)).join('')
}

/** What the daemon asks of every job. */
function timesOfAll({ jobs }: ReturnType<typeof readCrontab>): unknown {
  return jobs.map(({ schedule }) => timesOf(schedule, { zone: 'Europe/Paris', moduleStart: 0 as Millis })(0 as Millis))
}

function deep(part: number): string {
  const half = (SIZE * part) / 2
  return '['.repeat(half) + ']'.repeat(half)
}

function crontab(text: string) {
  return readCrontab({ file: 'crontab', text }, VARIABLES)
}

function plugin({
  ini,
  crontab: cron,
  override,
}: {
  readonly ini: string
  readonly crontab?: string
  readonly override?: string
}) {
  const files = {
    label: { file: 'label', text: 'plugin_x@mfserv\n' },
    configIni: { file: 'config.ini', text: ini },
    dependencies: undefined,
    extraEnv: undefined,
    crontab: cron === undefined ? undefined : { file: 'crontab', text: cron },
  }
  const overrides = override === undefined ? [] : [{ layer: 'user', file: 'override.ini', text: override } as const]
  return parsePlugin(files, { home: '/p', present: () => true, text: () => '' }, VARIABLES, overrides)
}

/** That much of that line, in every file that is looked into. */
function applicationOf(line: string): AppTree {
  const names = [
    'manage.py',
    'app.py',
    'wsgi.py',
    'asgi.py',
    'package.json',
    'server.js',
    'Procfile',
    'pyproject.toml',
    'requirements.txt',
    'go.mod',
    'main.go',
  ]
  const others = [
    'Cargo.toml',
    'src/main.rs',
    'pom.xml',
    'Gemfile',
    'config.ru',
    'index.php',
    '.htaccess',
    'index.html',
    'x.csproj',
    'next.config.js',
    '.nvmrc',
  ]
  const all = [...names, ...others]
  const lines = Array.from({ length: Math.ceil(SIZE / all.length / line.length) }, () => line)
  const starting = [
    'from flask import Flask',
    'from aiohttp import web',
    'package main',
    'module x',
    'DJANGO_SETTINGS_MODULE", "a.b"',
    ...lines,
  ]
  return { files: new Set(all), executables: new Set(), lines: (path) => (all.includes(path) ? starting : []) }
}
