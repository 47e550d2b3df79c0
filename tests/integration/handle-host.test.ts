/** A handle by its well-known file, which a real PDS serves: its host has trouble for a while. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestClient, signIn } from '../support/client.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'
import { refusalOf } from '../support/refusal.ts'

let network: LocalNetwork
beforeAll(async () => {
  network = await startNetwork()
})
afterAll(() => network.stop())

/** What the host of the handle answers instead of the PDS, while it has trouble. */
interface Host {
  trouble: number | 'closed' | undefined
}

/** A client that resolves handles itself: DNS has nothing, and `https://HANDLE/` leads to alice's PDS. */
function createResolvingClient(host: Host) {
  const fetchFromPds: typeof fetch = async (input, init) => {
    const url = new URL(String(input))
    if (url.protocol !== 'https:') return fetch(url, init)
    if (host.trouble === 'closed') throw new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } })
    if (host.trouble !== undefined) return new Response('Try later', { status: host.trouble })
    const headers = { ...Object.fromEntries(new Headers(init?.headers)), 'x-forwarded-host': url.hostname }
    const answer = await fetch(network.accounts.alice.pdsUrl + url.pathname, { headers })
    return new Response(await answer.text(), { status: answer.status })
  }
  return createTestClient(network, {
    localNetwork: undefined,
    allowHttp: true,
    plcDirectory: network.plcUrl,
    resolveTxt: async () => [],
    fetch: fetchFromPds,
  })
}

it.each([503, 429, 403, 'closed'] as const)(
  'a handle whose host says %s is not called missing, and signs in as soon as the host answers',
  async (trouble) => {
    const { alice } = network.accounts
    const host: Host = { trouble }
    const client = createResolvingClient(host)
    expect(await refusalOf(client.start(alice.handle))).toMatchObject({
      code: 'server_unavailable',
      retryable: true,
    })
    host.trouble = undefined
    const session = await signIn(client, alice)
    expect(session.did).toBe(alice.did)
    expect(await session.getHandle()).toBe(alice.handle)
  },
)

it('getHandle throws while the host has trouble, and gives null only for a definite no', async () => {
  const { alice } = network.accounts
  const host: Host = { trouble: undefined }
  const session = await signIn(createResolvingClient(host), { ...alice, handle: alice.did })
  for (const trouble of [503, 403, 'closed'] as const) {
    host.trouble = trouble
    expect(await refusalOf(session.getHandle())).toMatchObject({ code: 'server_unavailable' })
  }
  host.trouble = 404
  expect(await session.getHandle()).toBeNull()
})

it('a handle that the PDS does not know has no account', async () => {
  const client = createResolvingClient({ trouble: undefined })
  expect(await refusalOf(client.start('nobody.test'))).toMatchObject({
    code: 'identity_not_found',
    retryable: false,
  })
})
