import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decide } from '../../src/adopt/decide.ts'
import { appTree } from './app-tree.ts'

export interface Case {
  readonly files: Readonly<Record<string, string>>
  readonly type?: string
  /** The kind, the type, and what of the keys the case is about. */
  readonly is: readonly [kind: string, type: string, keys: Readonly<Record<string, string>>]
  readonly build?: readonly string[]
  readonly makes?: readonly string[]
  readonly notes?: RegExp
}

export const FLASK = 'from flask import Flask\napp = Flask(__name__)\n'
export const FASTAPI = 'from fastapi import FastAPI\napp = FastAPI()\n'
const MANAGE = "import os\ndef main():\n    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"
export const SETTINGS =
  "ALLOWED_HOSTS = []\nINSTALLED_APPS = [\n    'django.contrib.staticfiles',\n]\nWSGI_APPLICATION = 'shop.wsgi.application'\nSTATIC_URL = 'static/'\n"
export const DJANGO = {
  'manage.py': MANAGE,
  'shop/settings.py': SETTINGS,
  'shop/wsgi.py': 'application = get_wsgi_application()\n',
  'shop/asgi.py': 'application = get_asgi_application()\n',
  'requirements.txt': 'django\n',
}

export const pkg = (json: object): string => JSON.stringify(json, null, 2)

/** One test for each of these applications. */
export function eachIsServed(cases: Readonly<Record<string, Case>>): void {
  for (const [about, { files, type, is, build, makes, notes }] of Object.entries(cases)) {
    test(`${about} is served as it is`, () => {
      const decision = decide(appTree(files), type)
      assert.ok(decision.is === 'decided', JSON.stringify(decision))
      const { chosen } = decision
      assert.deepEqual([chosen.kind, chosen.type], is.slice(0, 2))
      assert.deepEqual(Object.fromEntries(Object.keys(is[2]).map((key) => [key, chosen.values[key]])), is[2])
      if (build !== undefined) assert.deepEqual(chosen.build, build)
      if (makes !== undefined)
        assert.deepEqual(
          chosen.files.map(({ path }) => path),
          makes,
        )
      if (notes !== undefined) assert.match(chosen.notes.join('\n'), notes)
      for (const { is: what, because } of chosen.facts) assert.ok(what !== '' && because !== '', JSON.stringify(chosen.facts))
    })
  }
}
