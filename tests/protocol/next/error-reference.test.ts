/** The reference of a failed sign-in: what the visitor is shown finds the line in the log. */
import { describe, expect, it } from 'vitest'
import type { ErrorEvent } from '../../../lib/next/events/log.ts'
import { createRedisStore } from '../../../lib/store/redis.ts'
import { createNextApp, ORIGIN, type Visitor } from '../../support/protocol/next-app.ts'
import {
  alice,
  bob,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../support/protocol/scripted-network.ts'
import { recordLog } from '../../support/record-log.ts'

const REFERENCE = /^[2-9A-HJ-NP-Z]{8}$/
/** Each is the last fact of its line. */
const referencesIn = (lines: readonly unknown[]) =>
  lines.flatMap((line) => [...`${line}`.matchAll(/[( ]reference=(\w+)\)$/gm)].map(([, found]) => found))
const referenceIn = (location: string | null | undefined) =>
  new URL(location ?? '', ORIGIN).searchParams.get('errorReference') ?? ''

async function failToStart(visitor: Visitor, identifier = 'nobody.test', fields = {}): Promise<string> {
  const answer = await visitor.post('/oauth/login', { identifier, ...fields })
  return answer.headers.get('location') ?? ''
}

async function comeBackDenied(visitor: Visitor, network: ScriptedNetwork): Promise<string> {
  const begun = await visitor.post('/oauth/login', { identifier: alice.handle })
  const callback = network.home.as.approve(new URL(begun.headers.get('location') ?? ''), alice.did)
  callback.searchParams.delete('code')
  callback.searchParams.set('error', 'server_error')
  const answer = await visitor.get(callback.pathname + callback.search)
  return answer.headers.get('location') ?? ''
}

describe('N10 the reference of a failed sign-in', () => {
  it('is the same in the log line and in the redirect to the sign-in page, when it cannot start', async () => {
    await using network = await startScriptedNetwork()
    const lines = recordLog()
    const reference = referenceIn(await failToStart(createNextApp(network).visit()))
    expect(reference).toMatch(REFERENCE)
    expect(referencesIn(lines)).toEqual([reference])
  })

  it('is the same in the log line and in the redirect, when it comes back with an error', async () => {
    await using network = await startScriptedNetwork()
    const lines = recordLog()
    const reference = referenceIn(await comeBackDenied(createNextApp(network).visit(), network))
    expect(reference).toMatch(REFERENCE)
    expect(referencesIn(lines)).toEqual([reference])
  })

  it('is in the line of the hook that refused a sign-in, too', async () => {
    await using network = await startScriptedNetwork()
    const lines = recordLog()
    const onSignIn = () => {
      throw new Error('The database is down.')
    }
    const answer = await createNextApp(network, { onSignIn }).visit().signIn(alice)
    const reference = referenceIn(answer.headers.get('location'))
    expect(lines[0]).toContain(`A hook threw: Error: The database is down. (reference=${reference})`)
    expect(referencesIn(lines)).toEqual([reference, reference])
  })

  it('is shown on the plain page, without scripts', async () => {
    await using network = await startScriptedNetwork()
    recordLog()
    const visitor = createNextApp(network).visit()
    const location = await failToStart(visitor)
    const page = await (await visitor.get(location)).text()
    expect(page).toContain(`Reference: <code translate="no">${referenceIn(location)}</code>`)
    expect(page).not.toContain('<script')
  })

  it('reaches the plain page from an application’s own page that could show no error without scripts', async () => {
    await using network = await startScriptedNetwork()
    recordLog()
    const visitor = createNextApp(network, { signInPage: '/sign-in' }).visit()
    const location = await failToStart(visitor, 'nobody.test', { scripts: 'off' })
    expect(location).toMatch(/^\/oauth\/login\?/)
    expect(await (await visitor.get(location)).text()).toContain(referenceIn(location))
  })

  it('is another one for each failure', async () => {
    await using network = await startScriptedNetwork()
    recordLog()
    const visitor = createNextApp(network, { loginLimits: false }).visit()
    const references = new Set<string>()
    for (let n = 0; n < 40; n += 1) references.add(referenceIn(await failToStart(visitor)))
    expect(references.size).toBe(40)
  })

  it('is there even when the line is left out, so that its absence tells nothing of the cause', async () => {
    await using network = await startScriptedNetwork()
    const lines = recordLog()
    const told: ErrorEvent[] = []
    const onError = (event: ErrorEvent) => void told.push(event)
    const visitor = createNextApp(network, { loginLimits: false, onError }).visit()
    // Of a kind of its own: all tests of this file share the limit of the log.
    for (let n = 0; n < 70; n += 1)
      expect(referenceIn(await failToStart(visitor, 'not a handle'))).toMatch(REFERENCE)
    expect(referencesIn(lines)).toHaveLength(60)
    expect(told).toHaveLength(70)
  })

  it('is given to the hook onError', async () => {
    await using network = await startScriptedNetwork()
    recordLog()
    const told: ErrorEvent[] = []
    const onError = (event: ErrorEvent) => void told.push(event)
    const location = await failToStart(createNextApp(network, { onError }).visit())
    expect(told).toMatchObject([{ activity: 'sign_in', reference: referenceIn(location) }])
  })

  it('says nothing of the failure: no text of the error is part of it', async () => {
    await using network = await startScriptedNetwork()
    recordLog()
    const visitor = createNextApp(network).visit()
    const [first, second] = [await failToStart(visitor), await failToStart(visitor)]
    const withoutReference = (location: string) => location.replace(referenceIn(location), '')
    expect(withoutReference(first)).toBe(withoutReference(second))
    expect(first).not.toBe(second)
  })
})

describe('N10 the reference in a server action', () => {
  it('is in the redirect and in the log', async () => {
    await using network = await startScriptedNetwork()
    const lines = recordLog()
    const visitor = createNextApp(network, { signInPage: '/sign-in' }).visit()
    const { location } = await visitor.act((auth) => auth.signIn({ identifier: 'nobody.test' }))
    expect(referenceIn(location)).toMatch(REFERENCE)
    expect(referencesIn(lines)).toEqual([referenceIn(location)])
  })

  it('is in the failure that is returned instead', async () => {
    await using network = await startScriptedNetwork()
    const lines = recordLog()
    const visitor = createNextApp(network).visit()
    const failure = await visitor.run((auth) =>
      auth.signIn({ identifier: 'nobody.test' }, { redirectOnFailure: false }),
    )
    expect(failure.errorReference).toMatch(REFERENCE)
    expect(referencesIn(lines)).toEqual([failure.errorReference])
  })

  it('of a connection is beside the error, and replaces that of an earlier one', async () => {
    await using network = await startScriptedNetwork()
    const lines = recordLog()
    const connect = { currentUser: () => 'ann', onConnected: () => undefined }
    const visitor = createNextApp(network, { connect }).visit()
    const returnTo = '/settings?reference=order-9&error=x&errorReference=22222222'
    const { location } = await visitor.act((auth) =>
      auth.connect({ identifier: 'nobody.test', link: 'ann', returnTo }),
    )
    const { searchParams } = new URL(location ?? '', ORIGIN)
    expect(searchParams.get('reference')).toBe('order-9')
    expect(searchParams.getAll('errorReference')).toEqual(referencesIn(lines))
  })
})

describe('N10 a page that has no reference', () => {
  it('is that of a sign-in that succeeded, or has not begun', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    expect(await (await visitor.get('/oauth/login')).text()).not.toContain('Reference')
    expect((await visitor.signIn(bob)).headers.get('location')).toBe('/')
  })

  it('is the sign-in page with a reference but no error', async () => {
    await using network = await startScriptedNetwork()
    const visitor = createNextApp(network).visit()
    const page = await visitor.get('/oauth/login?errorReference=22222222')
    expect(await page.text()).not.toContain('22222222')
    const own = createNextApp(network, { signInPage: '/sign-in' }).visit()
    const { headers } = await own.get('/oauth/login?errorReference=22222222')
    expect(headers.get('location')).toBe('/sign-in')
  })
})

it('N10 the page of an outage has the reference of its log line', async () => {
  await using network = await startScriptedNetwork()
  const lines = recordLog()
  const store = createRedisStore({ url: 'redis://127.0.0.1:1' })
  const answer = await createNextApp(network, { store }).visit().post('/oauth/login', {
    identifier: alice.handle,
  })
  const [reference] = referencesIn(lines)
  expect(reference).toMatch(REFERENCE)
  expect(answer.status).toBe(503)
  expect(await answer.text()).toContain(`Reference: <code translate="no">${reference}</code>`)
})
