/** The package `@vercel/kv`, in the version that this run of the contract is about. */
import { createRequire } from 'node:module'
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** Name of the package in package.json, if it is another version than the newest. */
    readonly vercelKv?: string
  }
}

// Vitest looks at the default export of what it imports, and that of @vercel/kv throws without its environment.
export const { createClient }: typeof import('@vercel/kv') = createRequire(import.meta.url)(
  inject('vercelKv') ?? '@vercel/kv',
)
