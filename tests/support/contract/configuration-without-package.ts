/**
 * A process in which packages are not installed: node configuration-without-package.ts <package>…. It reads the
 * configuration, as the first page does, opens no store, and prints what the log says.
 */
import { registerHooks } from 'node:module'

const missing = process.argv.slice(2)
registerHooks({
  resolve(specifier, context, next) {
    // Throws outside of a server of Next.js.
    if (specifier === 'server-only') return { url: 'data:text/javascript,', shortCircuit: true }
    // Among themselves packages still find each other.
    const isOurs = !context.parentURL?.includes('/node_modules/')
    if (!isOurs || !missing.includes(specifier)) return next(specifier, context)
    throw Object.assign(new Error(`Cannot find package '${specifier}'`), { code: 'ERR_MODULE_NOT_FOUND' })
  },
})
const { createConfigLoader } = await import('../../../lib/next/config/load-config.ts')
const write = (line: string) => console.log(line)
const loadConfig = createConfigLoader({
  publicUrl: 'http://127.0.0.1:3000',
  secret: 'Zk4vTq9-mXc2_bRw7.LpYd8~HsJ3+fGn6',
  logger: { warn: write, error: write },
})
const { client } = await loadConfig()
console.log(`configured ${new URL(client.clientMetadata.client_id).hostname}`)
