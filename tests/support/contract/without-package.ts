/**
 * A process in which packages are not installed: node without-package.ts <kind> <address> <package>…. It stores a
 * value and prints it, or the error.
 */
import { registerHooks } from 'node:module'

const [kind = '', address = '', ...missing] = process.argv.slice(2)
registerHooks({
  resolve(specifier, context, next) {
    // Among themselves packages still find each other.
    const isOurs = !context.parentURL?.includes('/node_modules/')
    if (!isOurs || !missing.includes(specifier)) return next(specifier, context)
    throw Object.assign(new Error(`Cannot find package '${specifier}'`), { code: 'ERR_MODULE_NOT_FOUND' })
  },
})
const { openStore } = await import('./open-store.ts')
const store = openStore(kind, address)
try {
  await store.set('key', 'value', 60_000)
  console.log((await store.get('key'))?.value)
} catch (error) {
  console.log(String(error))
}
await store.close()
