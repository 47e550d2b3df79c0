import { describe, expect, it } from 'vitest'
import * as edge from '../../../lib/edge/index.ts'
import * as edgeOauth from '../../../lib/edge/oauth.ts'
import { NOT_ON_THE_EDGE } from '../../../lib/edge/refuse.ts'
import * as edgeSqlite from '../../../lib/edge/sqlite.ts'
import * as main from '../../../lib/next/index.ts'
import * as oauth from '../../../lib/oauth/index.ts'
import * as sqlite from '../../../lib/store/sqlite.ts'
import { refusalOf } from '../../support/refusal.ts'

/** Names of an object and of those in it: `handlers.login.GET`. */
function namesIn(value: object): readonly string[] {
  return Object.entries(value)
    .flatMap(([name, inner]) =>
      inner !== null && typeof inner === 'object' ? namesIn(inner).map((rest) => `${name}.${rest}`) : [name],
    )
    .sort()
}

const refusal = { name: 'TypeError', message: NOT_ON_THE_EDGE }

describe('on the edge', () => {
  it.each([
    ['next-atproto-auth', edge, main],
    ['next-atproto-auth/oauth', edgeOauth, oauth],
    ['next-atproto-auth/stores/sqlite', edgeSqlite, sqlite],
  ])('%s exports what it exports on Node.js', (_entry, there, here) => {
    expect(Object.keys(there).sort()).toEqual(Object.keys(here).sort())
  })

  it('an application has the same functions', () => {
    expect(namesIn(edge.createAtprotoAuth())).toEqual(namesIn(main.createAtprotoAuth()))
  })

  it('nothing fails before it is used, so that auth.ts can be imported', async () => {
    const auth = edge.createAtprotoAuth()
    expect(auth.handlers.xrpc({ allow: {} })).toEqual({ GET: auth.handlers.GET, POST: auth.handlers.POST })
    expect(edgeOauth.createDohResolveTxt()).toBeTypeOf('function')
    const store = edgeSqlite.createSqliteStore()
    expect(await refusalOf(store.ping())).toMatchObject(refusal)
  })

  it('each use says what to do', async () => {
    const auth = edge.createAtprotoAuth()
    const request = new Request('https://app.example.com/oauth/login')
    const keys = auth.accountKeys('did:plc:abc')
    const calls = [auth.getSession(), auth.requireSession(), auth.handlers.GET(request), keys]
    for (const call of calls) expect(await refusalOf(call)).toMatchObject(refusal)
    for (const call of [
      () => Reflect.construct(Object(edgeOauth.OAuthClient), []),
      () => Reflect.get(edgeOauth.JoseKey, 'generate')(),
      () => edgeOauth.createKeyset(),
    ])
      expect(call).toThrow(expect.objectContaining(refusal))
  })

  it('what needs no Node.js works', () => {
    expect(edgeOauth.scopeAllows('atproto blob:image/*', 'blob:image/png')).toBe(true)
    expect(new edge.AtprotoAuthError('timeout', 'Too late.') instanceof Object(edgeOauth.OAuthSession)).toBe(
      false,
    )
  })
})
