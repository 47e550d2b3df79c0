/**
 * What the entries of this package do on the edge, where there is no Node.js: they say so, instead of failing in the
 * build or with the name of a missing module. package.json names them under the condition `edge-light`.
 */

/** Says what to do instead. */
export const NOT_ON_THE_EDGE =
  "next-atproto-auth runs on Node.js, not on the edge. In middleware.ts, use 'next-atproto-auth/middleware'. " +
  "In a page or route, remove `export const runtime = 'edge'`."

/**
 * Stands in for a function that returns no promise.
 *
 * @throws TypeError always
 */
export function refuse(): never {
  throw new TypeError(NOT_ON_THE_EDGE)
}

/** Stands in for a function that returns a promise: it is rejected with the TypeError of `refuse`. */
export async function refuseLater(): Promise<never> {
  refuse()
}

/** Stands in for a class: nothing is an instance of it, and its constructor and static functions throw as `refuse`. */
export function refusingClass(): object {
  return new Proxy(class {}, {
    construct: refuse,
    get: (target, name) =>
      typeof name === 'string' && !(name in target) ? refuse : Reflect.get(target, name),
  })
}
