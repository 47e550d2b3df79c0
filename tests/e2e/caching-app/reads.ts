/** How often the store was read; one count for all of Next's bundles. */
const name = Symbol.for('caching-app reads')

export const reads: { count: number } = Reflect.get(globalThis, name) ?? { count: 0 }
Reflect.set(globalThis, name, reads)
