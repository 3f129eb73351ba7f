import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../../problem.ts'
import { textOf } from '../../disk/text-of.ts'

const DIRECTORIES = ['tests', 'test']
/** What npm writes where nobody has written tests. */
const NO_TESTS = /no test specified/

/** The command lines that run the tests of the plugin at `home`, each a program and its words. Throws USAGE when it has none. */
export function testsOf(home: string): readonly (readonly string[])[] {
  const commands = [...pythonTests(home), ...nodeTests(home)]
  if (commands.length > 0) return commands
  const fix = 'Write tests for pytest or unittest into the directory tests, or a script "test" into package.json.'
  throw new Problem('USAGE', 'the plugin has no tests', fix, { file: home })
}

function pythonTests(home: string): readonly (readonly string[])[] {
  const directory = DIRECTORIES.find((name) => globSync(`${name}/**/*.py`, { cwd: home }).length > 0)
  const lone = globSync(['test_*.py', '*_test.py', '*/test_*.py', '*/*_test.py'], {
    cwd: home,
    exclude: (path) => /^(?:local|node_modules)/.test(path),
  })
  if (directory === undefined && lone.length === 0) return []
  const hasPytest = ['local/dev/pytest', ...globSync('local/lib/python3*/site-packages/pytest', { cwd: home })].some((path) =>
    existsSync(join(home, path)),
  )
  if (hasPytest) return [['python3', '-m', 'pytest', ...(directory === undefined ? lone : [directory])]]
  return [['python3', '-m', 'unittest', 'discover', ...(directory === undefined ? [] : ['-s', directory])]]
}

function nodeTests(home: string): readonly (readonly string[])[] {
  const text = textOf(join(home, 'package.json'))
  if (text === undefined) return []
  try {
    const script: unknown = JSON.parse(text)?.scripts?.test
    return typeof script === 'string' && !NO_TESTS.test(script) ? [['npm', 'test', '--silent', '--']] : []
  } catch {
    // `make` has said what is wrong with it.
    return []
  }
}
