/** A program without Next.js uses a connection that the Next.js application has made, as docs/connect.md says. */
import { createAtprotoAuth } from 'next-atproto-auth'
import { generatePrivateJwk, importKeyset, OAuthClient } from 'next-atproto-auth/oauth'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newPost, postOnce } from '../../examples/connect/jobs/post-once.ts'
import { SCOPE } from '../support/client.ts'
import { type ClientHost, startClientHost } from '../support/client-host.ts'
import { approve } from '../support/person.ts'
import { refusalOf } from '../support/refusal.ts'

const SECRET = 'Zk4vTq9-mXc2_bRw7.LpYd8~HsJ3+fGn6'
const NEWER = 'Qw8!nR3@vB6#mK1$zX9%cL4^tJ7&hG2*'
let host: ClientHost
beforeAll(async () => {
  host = await startClientHost()
})
afterAll(() => host[Symbol.asyncDispose]())

it('restores, refreshes and posts with the same client, secrets, keys and store', async () => {
  const { store, network } = host
  const { localNetwork, accounts, front } = network
  const key = { ...(await generatePrivateJwk()), kid: 'key' }
  await host.publish(key)
  const publicUrl = front?.origin ?? ''
  const app = createAtprotoAuth({
    ...{ publicUrl, scope: SCOPE, secret: SECRET, clientKeys: JSON.stringify(key), store, localNetwork },
    logger: { warn() {}, error() {} },
  })
  const web = await app.client()
  const { url } = await web.start(accounts.alice.handle)
  const { searchParams } = await approve(url, accounts.alice)
  const { session } = await web.callback(searchParams, { isConnection: true })

  const openClient = async (secrets: string) => {
    const [newest = '', ...older] = secrets.split(',').map((secret) => secret.trim())
    return OAuthClient.fromClientId({
      clientId: `${publicUrl}/oauth-client-metadata.json`,
      secrets: [newest, ...older],
      keyset: await importKeyset(JSON.stringify(key)),
      // The host of this test has a name that only this process's fetch knows.
      ...{ store, localNetwork, fetch: globalThis.fetch },
    })
  }
  const choice = { sessionId: session.id }
  const wrong = await openClient(NEWER)
  expect(await refusalOf(wrong.restore(session.did, undefined, choice))).toMatchObject({
    code: 'configuration',
    unopenedSession: 'secret',
  })
  const cron = await openClient(`${NEWER}, ${SECRET}`)
  const restored = await cron.restore(session.did, undefined, choice)
  await restored.refresh()
  await postOnce(restored, newPost('From cron'))
  const params = { repo: session.did, collection: 'app.bsky.feed.post' }
  const { data } = await restored.get('com.atproto.repo.listRecords', { params })
  expect(data).toMatchObject({ records: [{ value: { text: 'From cron' } }] })
})
