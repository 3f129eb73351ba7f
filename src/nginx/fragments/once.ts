/**
 * The same function, which works out its answer once for each list: every location of a thousand plugins may ask for what all
 * plugins have in common.
 */
export function oncePerList<L extends readonly object[], T>(of: (list: L) => T): (list: L) => T {
  const known = new WeakMap<L, { readonly answer: T }>()
  return (list) => {
    const found = known.get(list) ?? { answer: of(list) }
    known.set(list, found)
    return found.answer
  }
}
