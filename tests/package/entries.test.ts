/** The entries of the packed package, loaded together by one process: they share their modules. */
import { expect, inject, it } from 'vitest'
import { z } from 'zod'
import { runIn } from '../support/package/npm.ts'

/** As a bundle for a server has it: `server-only` is empty, and Next.js's modules are found without suffix. */
const asInServerBundle = `
import { registerHooks } from 'node:module'
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'server-only') return next(specifier, { ...context, conditions: ['react-server'] })
    return next(/^next\\/[a-z]+$/.test(specifier) ? specifier + '.js' : specifier, context)
  },
})`

/** Counts the files of the package, from here on. */
const countFiles = `
import { registerHooks } from 'node:module'
globalThis.files = []
registerHooks({
  load(url, context, next) {
    if (url.includes('/next-atproto-auth/dist/')) files.push(url)
    return next(url, context)
  },
})`

/** Runs a program beside the package; what it gives as JSON. */
async function run<T>(schema: z.ZodType<T>, program: string): Promise<T> {
  const hooks = [asInServerBundle, countFiles].map(
    (text) => `--import=data:text/javascript,${encodeURI(text)}`,
  )
  const args = [
    ...hooks,
    '--input-type=module',
    '--eval',
    `console.log(JSON.stringify(await (${program})()))`,
  ]
  return schema.parse(JSON.parse(await runIn(inject('installation'), process.execPath, args)))
}

it('have one class or function for each name that several of them export', async () => {
  const { shared, different } = await run(
    z.object({ shared: z.array(z.string()), different: z.array(z.string()) }),
    `async () => {
      const names = ['', '/oauth', '/middleware', '/testing', '/stores/memory', '/stores/sqlite', '/stores/redis', '/stores/vercel-kv']
      const entries = await Promise.all(names.map((name) => import('next-atproto-auth' + name)))
      const seen = new Map()
      const shared = new Set()
      const different = new Set()
      for (const [name, value] of entries.flatMap(Object.entries)) {
        if (seen.has(name)) shared.add(name)
        if (seen.has(name) && seen.get(name) !== value) different.add(name)
        seen.set(name, value)
      }
      return { shared: [...shared], different: [...different] }
    }`,
  )
  expect(shared).toEqual(expect.arrayContaining(['AtprotoAuthError', 'StoreUnavailableError', 'XrpcError']))
  expect(different).toEqual([])
})

it('throw errors of the classes that the main entry exports, from stores and tools for tests as well', async () => {
  const thrown = await run(
    z.array(z.tuple([z.string(), z.boolean()])),
    `async () => {
      const main = await import('next-atproto-auth')
      const { createSqliteStore } = await import('next-atproto-auth/stores/sqlite')
      const { createRedisStore } = await import('next-atproto-auth/stores/redis')
      const { createVercelKvStore } = await import('next-atproto-auth/stores/vercel-kv')
      const { OAuthClient } = await import('next-atproto-auth/oauth')
      const { signedInCookie } = await import('next-atproto-auth/testing')
      const calls = [
        () => createSqliteStore({ path: '/dev/null/sessions.sqlite' }),
        () => createRedisStore({ url: 'not a url' }),
        () => createVercelKvStore({ url: 'not a url', token: 'a' }),
        () => new OAuthClient({ clientMetadata: {} }),
        () => signedInCookie({ publicUrl: 'https://example.com' }, { did: 'did:web:example.com' }),
      ]
      const errors = await Promise.all(calls.map(async (call) => { try { await call() } catch (error) { return error } }))
      return errors.map((error) => [String(error?.name), error?.constructor === main[error?.name]])
    }`,
  )
  const ofConfiguration = ['ConfigurationError', true]
  expect(thrown).toEqual([['StoreUnavailableError', true], ...Array(4).fill(ofConfiguration)])
})

it('have one client and one state of the process', async () => {
  const found = await run(
    z.object({ isClient: z.boolean(), states: z.number(), twice: z.array(z.string()) }),
    `async () => {
      const { createAtprotoAuth } = await import('next-atproto-auth')
      const { OAuthClient } = await import('next-atproto-auth/oauth')
      await import('next-atproto-auth/testing')
      const auth = createAtprotoAuth({ publicUrl: 'http://127.0.0.1:3000' })
      const client = await auth.client()
      const symbols = Object.getOwnPropertySymbols(globalThis).map(String)
      return {
        isClient: Object.getPrototypeOf(client) === OAuthClient.prototype,
        states: symbols.filter((name) => name.includes('next-atproto-auth')).length,
        twice: files.filter((url, at) => files.indexOf(url) !== at),
      }
    }`,
  )
  expect(found).toEqual({ isClient: true, states: 1, twice: [] })
})

it.each([
  ['next-atproto-auth/oauth', 12],
  ['next-atproto-auth', 20],
  ['next-atproto-auth/middleware', 8],
  ['next-atproto-auth/stores/sqlite', 4],
])('%s is at most %i files', async (entry, most) => {
  const count = await run(z.number(), `async () => { await import('${entry}'); return files.length }`)
  expect(count).toBeGreaterThan(1)
  expect(count).toBeLessThanOrEqual(most)
})

it('next-atproto-auth/oauth loads neither the fetch of Node.js nor SQLite, which nothing has asked for', async () => {
  const loaded = await run(
    z.array(z.string()),
    `async () => {
      const before = new Set(process.moduleLoadList)
      await import('next-atproto-auth/oauth')
      return process.moduleLoadList.filter((name) => !before.has(name))
    }`,
  )
  expect(loaded.length).toBeGreaterThan(10)
  expect(loaded.filter((module) => /undici|sqlite/.test(module))).toEqual([])
})
