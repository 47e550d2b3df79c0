/** Connections while 0.1.0, which does not know them, runs on the same store. */
import { describe, expect, it } from 'vitest'
import type { AtprotoAuthOptions } from '../../../lib/next/config/options.ts'
import type { ConnectedEvent } from '../../../lib/next/events/hooks.ts'
import { createBrowser } from '../../support/browser.ts'
import { runNextRequest } from '../../support/next-request.ts'
import { call, tokenRequests } from '../../support/protocol/scripted-client.ts'
import { alice } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'
import { type Library, previous, workingTree } from './library.ts'
import { sqlite } from './shared-stores.ts'
import { comeBack, createAuth } from './write-application.ts'
import { startWritingNetwork } from './write-client.ts'
import { applications } from './written.ts'

describe.each(applications)('connections of the $name client', ({ publicUrl }) => {
  async function start() {
    const network = await startWritingNetwork()
    const open = await sqlite.create()
    const told: ConnectedEvent[] = []
    const connect: AtprotoAuthOptions['connect'] = {
      currentUser: () => 'ann',
      onConnected: (event) => told.push(event),
    }
    const applicationOf = (library: Library, settings: AtprotoAuthOptions) => ({
      ...{ library, network, publicUrl, settings },
      store: open(library, network.now),
    })
    const [now, before] = [applicationOf(workingTree, { connect }), applicationOf(previous, {})]
    // The working tree, by its own types.
    const auth = createAuth(now) as ReturnType<typeof createAuth> &
      ReturnType<typeof import('../../../lib/next/auth.ts').createAtprotoAuth>
    const browser = createBrowser()
    return {
      ...{ network, told, now, before, auth, browser },
      /** The callback of a connection that has begun in the browser. */
      async begin(): Promise<string> {
        const headers = { cookie: browser.header(), 'sec-fetch-site': 'same-origin', origin: publicUrl }
        const { result: url, setCookies } = await runNextRequest({ headers, phase: 'action' }, () =>
          auth.connect({ identifier: alice.handle, link: 'ann' }).catch(locationOf),
        )
        browser.take(setCookies)
        const { pathname, search } = network.home.as.approve(new URL(String(url)), alice.did)
        return pathname + search
      },
      [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
    }
  }

  it('CB-2 a connection that comes back to 0.1.0 signs nobody in, and its code is not used', async () => {
    await using started = await start()
    const { network, begin, before, browser, told } = started
    const callback = await begin()
    expect(await comeBack(before, browser, callback)).toBe('/oauth/login?error=state_mismatch')
    expect([browser.jar.size, told]).toEqual([0, []])
    expect(tokenRequests(network, 'authorization_code')).toEqual([])
  })

  it('a connection that 0.1.0 has refreshed is still one', async () => {
    await using started = await start()
    const { begin, now, before, browser, told, auth } = started
    expect(await comeBack(now, browser, await begin())).toBe('/')
    const { sessionId = '' } = told[0] ?? {}
    const old = await createAuth(before).restore(alice.did, { sessionId })
    await old.refresh()
    expect(await refusalOf(auth.restore(alice.did))).toMatchObject({ code: 'session_ended' })
    expect(await call(await auth.restore(alice.did, { sessionId }))).toBe(200)
    expect(await auth.disconnect(alice.did, { sessionId })).toBe(true)
    expect(await refusalOf(old.getTokenInfo(false))).toMatchObject({ code: 'session_ended' })
  })
})

/** Where Next's own signal would send the browser. */
function locationOf(error: unknown): string {
  if (!(error instanceof Error && 'digest' in error && typeof error.digest === 'string')) throw error
  return error.digest.split(';')[2] ?? ''
}
