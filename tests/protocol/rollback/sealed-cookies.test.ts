/** Another version reads the cookies of a browser. */
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createBrowser } from '../../support/browser.ts'
import { runNextRequest } from '../../support/next-request.ts'
import { withoutReference } from '../../support/protocol/without-reference.ts'
import { applicationDirections } from './directions.ts'
import { LATER_MS, openStore } from './open-application.ts'
import { openCookie, openRow, sha256 } from './open-row.ts'
import { comeBack, createAuth, RETURN_TO } from './write-application.ts'
import { frank, grace } from './write-client.ts'
import { LOOPBACK } from './written.ts'

describe.each(applicationDirections)('$title', ({ reader: library, written: write }) => {
  beforeAll(async () => void (await write()))

  async function open() {
    const written = await write()
    const { secret, clientId, publicUrl, addresses, browsers } = written
    vi.useFakeTimers({ toFake: ['Date'], now: written.writtenAt + LATER_MS })
    onTestFinished(() => void vi.useRealTimers())
    const { store } = openStore(library, written)
    const localNetwork = { plcDirectory: addresses.plc, handleResolver: addresses.resolver }
    const application = { library, store, publicUrl, network: { localNetwork } }
    const signedIn = createBrowser(browsers.signedIn.jar)
    const [name = '', text = ''] = browsers.signedIn.jar[0] ?? []
    const { sessionIds } = await openCookie(text, 'session cookie', secret)
    const ids = Array.from(Object(sessionIds), String)
    const rows = ids.map(async (id) => {
      const key = `session:${sha256(id)}`
      return openRow({ key, value: (await store.get(key))?.value ?? '' }, { secret, clientId })
    })
    const auth = createAuth(application)
    const render = <T>(work: () => Promise<T>) =>
      runNextRequest({ headers: { cookie: signedIn.header() }, phase: 'render' }, work)
    return { application, auth, browsers, name, ids, rows: await Promise.all(rows), render }
  }

  it('the session cookie signs the active account in', async () => {
    const { auth, name, ids, rows, render, application } = await open()
    expect(name).toBe(application.publicUrl === LOOPBACK ? 'atproto-session-3000' : '__Host-atproto-session')
    const { result: session } = await render(() => auth.getSession())
    const [row] = rows
    expect({ did: session?.did, id: session?.id, pds: session?.pds, scope: session?.scope }).toEqual({
      did: grace.did,
      id: ids[0],
      pds: row?.pds,
      scope: row?.scope,
    })
    const { result: status } = await render(() => auth.getSessionStatus())
    expect(status).toEqual({ kind: 'active', did: grace.did })
  })

  it('the session cookie names all accounts of the browser', async () => {
    const { auth, ids, rows, render } = await open()
    expect((await render(() => auth.listAccounts())).result).toEqual([
      { did: grace.did, isActive: true, status: 'active' },
      { did: frank.did, isActive: false, status: 'active' },
    ])
    const { result: devices } = await render(() => auth.listDevices())
    expect(devices).toEqual([
      expect.objectContaining({
        deviceId: sha256(ids[0] ?? ''),
        label: 'Firefox on Linux',
        createdAt: new Date(Number(rows[0]?.createdAt)),
        isCurrent: true,
      }),
    ])
  })

  it('the flow cookie binds a pending sign-in to its browser, which returns to the page it came from', async () => {
    const { application, browsers } = await open()
    const browser = createBrowser(browsers.signingIn.jar)
    const signInPage = `/oauth/login?${new URLSearchParams({ error: 'access_denied', returnTo: RETURN_TO })}`
    const location = await comeBack(application, browser, browsers.signingIn.refusal)
    expect(withoutReference(location)).toBe(signInPage)
    expect(browser.jar.size).toBe(0)
  })

  it('without the flow cookie the callback is refused', async () => {
    const { application, browsers } = await open()
    const location = await comeBack(application, createBrowser(), browsers.signingIn.refusal)
    expect(withoutReference(location)).toBe('/oauth/login?error=state_mismatch')
  })
})
