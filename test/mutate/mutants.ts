import { stripTypeScriptTypes } from 'node:module'
import { type Node, parse } from 'acorn'
import { ancestor } from 'acorn-walk'

/** One small wrong change of a file: the code without its types, with `was` at `start` replaced by `now`. */
export interface Mutant {
  readonly start: number
  readonly end: number
  readonly line: number
  /** Counted from 1: which of the same changes in its line it is. */
  readonly nth: number
  readonly was: string
  readonly now: string
}

const SWAPPED: Readonly<Record<string, readonly string[]>> = {
  '<': ['<='],
  '<=': ['<'],
  '>': ['>='],
  '>=': ['>'],
  '===': ['!=='],
  '!==': ['==='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '&&': ['||'],
  '||': ['&&'],
}

const OTHER_METHOD: Readonly<Record<string, string>> = {
  some: 'every',
  every: 'some',
  min: 'max',
  max: 'min',
  floor: 'ceil',
  ceil: 'floor',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
  find: 'findLast',
  findLast: 'find',
  indexOf: 'lastIndexOf',
  lastIndexOf: 'indexOf',
}

/** Node strips the types and leaves every other character where it was, so lines and columns are those of the source. */
export function withoutTypes(source: string): string {
  return stripTypeScriptTypes(source, { mode: 'strip' })
}

/** Every mutant of a file's code without its types, in the order of its lines. */
export function mutantsOf(code: string): readonly Mutant[] {
  const found: Mutant[] = []
  const propose = (start: number, end: number, now: string): void => {
    const line = code.slice(0, start).split('\n').length
    found.push({ start, end, line, nth: 1, was: code.slice(start, end), now })
  }
  const tree = parse(code, { ecmaVersion: 'latest', sourceType: 'module' })
  ancestor(tree, {
    BinaryExpression: (node) => operators(code, node.operator, [node.left, node.right], propose),
    LogicalExpression: (node) => {
      if (node.operator === '??') propose(node.left.end, node.right.end, '')
      else operators(code, node.operator, [node.left, node.right], propose)
    },
    UnaryExpression: (node) => {
      if (node.operator === '!') propose(node.start, node.start + 1, '')
      if (node.operator === '-') propose(node.start, node.start + 1, '')
    },
    IfStatement: ({ test }) => both(test, propose),
    ConditionalExpression: ({ test }) => both(test, propose),
    Literal: (node, _state, ancestors) => {
      const parent = ancestors.at(-2)
      if (parent?.type === 'ImportDeclaration' || parent?.type === 'ExportNamedDeclaration') return
      if (typeof node.value === 'number') propose(node.start, node.end, `${node.value + 1}`)
      if (typeof node.value === 'boolean') propose(node.start, node.end, `${!node.value}`)
    },
    MemberExpression: ({ computed, property }) => {
      const name = computed || property.type !== 'Identifier' ? '' : property.name
      const other = Object.hasOwn(OTHER_METHOD, name) ? OTHER_METHOD[name] : undefined
      if (other !== undefined && code[property.end] === '(') propose(property.start, property.end, other)
    },
    SpreadElement: (node, _state, ancestors) => {
      if (ancestors.at(-2)?.type === 'ArrayExpression') propose(node.argument.start, node.argument.end, '[]')
    },
  })
  const sorted = found.sort((one, other) => one.start - other.start || one.now.localeCompare(other.now))
  const isSame = (one: Mutant, other: Mutant): boolean =>
    one.line === other.line && one.was === other.was && one.now === other.now
  return sorted.map((mutant, at) => ({ ...mutant, nth: 1 + sorted.slice(0, at).filter((one) => isSame(one, mutant)).length }))
}

export function mutated(code: string, { start, end, now }: Mutant): string {
  return code.slice(0, start) + now + code.slice(end)
}

type Propose = (start: number, end: number, now: string) => void

function operators(code: string, operator: string, [left, right]: readonly [Node, Node], propose: Propose): void {
  const at = code.indexOf(operator, left.end)
  if (at < 0 || at >= right.start) return
  for (const other of SWAPPED[operator] ?? []) propose(at, at + operator.length, other)
}

function both({ start, end }: Node, propose: Propose): void {
  for (const value of ['true', 'false']) propose(start, end, value)
}
