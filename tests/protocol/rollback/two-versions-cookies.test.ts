/** A browser whose requests go to the previous version and to the working tree in turn. */
import { describe, expect, it } from 'vitest'
import { createBrowser, lastingCookies } from '../../support/browser.ts'
import { runNextRequest } from '../../support/next-request.ts'
import { alice, bob } from '../../support/protocol/scripted-network.ts'
import { SECRET } from './keys.ts'
import { type Library, orders } from './library.ts'
import { sqlite } from './shared-stores.ts'
import { beginSignIn, comeBack, createAuth, RETURN_TO } from './write-application.ts'
import { startWritingNetwork } from './write-client.ts'
import { applications } from './written.ts'

type Auth = ReturnType<Library['createAtprotoAuth']>
const NEWER = 'Qw8!nR3@vB6#mK1$zX9%cL4^tJ7&hG2*'
const cases = applications.flatMap(({ name, publicUrl }) =>
  orders.map((order) => ({ ...order, publicUrl, what: `${name} client` })),
)

describe.each(cases)('$title ($what)', ({ one, other, publicUrl }) => {
  async function start() {
    const network = await startWritingNetwork()
    const open = await sqlite.create()
    const applicationOf = (library: Library) => ({
      library,
      network,
      publicUrl,
      store: open(library, network.now),
    })
    const [atOne, atOther] = [applicationOf(one), applicationOf(other)]
    const browser = createBrowser()

    /** Runs code of the application in a request of the browser. */
    async function visit<T>(application: typeof atOne, work: (auth: Auth) => Promise<T>, settings = {}) {
      const headers = {
        cookie: browser.header(),
        'sec-fetch-site': 'same-origin',
        origin: publicUrl,
        'next-action': 'a'.repeat(40),
      }
      const auth = createAuth({ ...application, settings })
      const { result, setCookies } = await runNextRequest({ headers, phase: 'action' }, () => work(auth))
      browser.take(setCookies)
      return result
    }

    return {
      network,
      browser,
      atOne,
      atOther,
      visit,
      async signIn(begin: typeof atOne, finish: typeof atOne, { did, handle } = alice) {
        const page = await beginSignIn(begin, browser, { did, handle })
        const { pathname, search } = network.home.as.approve(page, did)
        return comeBack(finish, browser, pathname + search)
      },
      whoIsSignedIn: (application: typeof atOne) =>
        visit(application, async (auth) => (await auth.getSession())?.did),
      [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
    }
  }

  it('a sign-in begins at one version and ends at the other, and both know the account', async () => {
    await using started = await start()
    const { signIn, whoIsSignedIn, atOne, atOther, browser } = started
    expect(await signIn(atOne, atOther)).toBe(RETURN_TO)
    expect(lastingCookies(browser.jar).size).toBe(1)
    expect([await whoIsSignedIn(atOne), await whoIsSignedIn(atOther)]).toEqual([alice.did, alice.did])
  })

  it('accounts are added, switched and signed out at either version', async () => {
    await using started = await start()
    const { signIn, visit, whoIsSignedIn, atOne, atOther, network } = started
    await signIn(atOne, atOne)
    network.move(bob, network.home.pds.origin)
    await signIn(atOther, atOther, bob)
    const accounts = await visit(atOne, (auth) => auth.listAccounts())
    expect(accounts.map(({ did, isActive }) => [did, isActive])).toEqual([
      [bob.did, true],
      [alice.did, false],
    ])
    await visit(atOne, (auth) => auth.switchAccount(alice.did))
    expect(await whoIsSignedIn(atOther)).toBe(alice.did)
    await visit(atOther, (auth) => auth.signOut())
    expect(await whoIsSignedIn(atOne)).toBe(bob.did)
    await visit(atOne, (auth) => auth.signOut())
    expect(await whoIsSignedIn(atOther)).toBeUndefined()
    expect(network.home.as.grants.counts.revocations).toBe(2)
  })

  it('an old cookie opens no session that the other version has ended', async () => {
    await using started = await start()
    const { signIn, visit, whoIsSignedIn, atOne, atOther, browser } = started
    await signIn(atOne, atOne)
    const jar = [...browser.jar]
    await visit(atOther, (auth) => auth.signOut())
    for (const [name, text] of jar) browser.jar.set(name, text)
    expect([await whoIsSignedIn(atOne), await whoIsSignedIn(atOther)]).toEqual([undefined, undefined])
  })

  it('a cookie that one version has re-sealed with a newer secret opens in the other', async () => {
    await using started = await start()
    const { signIn, visit, atOne, atOther, browser } = started
    await signIn(atOne, atOne)
    const before = [...browser.jar]
    const settings = { secret: [NEWER, SECRET] }
    const who = async (auth: Auth) => (await auth.getSession())?.did
    expect(await visit(atOther, who, settings)).toBe(alice.did)
    expect([...browser.jar]).not.toEqual(before)
    const sealed = [...browser.jar]
    expect(await visit(atOne, who, settings)).toBe(alice.did)
    expect([...browser.jar]).toEqual(sealed)
  })

  it('sign-ins that begin at one version count towards the limits of the other', async () => {
    await using started = await start()
    const { atOne, atOther, browser } = started
    const settings = { loginLimits: { perAddress: 1 }, clientAddress: () => '203.0.113.7' }
    await beginSignIn({ ...atOne, settings }, browser, alice)
    await expect(beginSignIn({ ...atOther, settings }, browser, alice)).rejects.toThrow('429')
  })
})
