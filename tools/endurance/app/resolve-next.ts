/** Lets a plain Node process load the library's Next.js side, as a bundler would resolve it. Imported first. */
import { registerHooks } from 'node:module'
// Before anything of Next: what it needs of its server is made here.
import 'next/dist/server/node-environment-baseline.js'

const resolved: Readonly<Record<string, string>> = {
  // It throws outside a server bundle; what bundlers take in its place is this empty module.
  'server-only': new URL('empty.js', import.meta.resolve('server-only')).href,
  'next/navigation': import.meta.resolve('next/navigation.js'),
}

registerHooks({
  resolve: (specifier, context, next) => next(resolved[specifier] ?? specifier, context),
})
