import { createTestNetwork, signedInSession, testDid } from 'next-atproto-auth/testing'
import { expect, it, vi } from 'vitest'
import { post } from '../../app/actions'
import { auth } from '../../auth'
import { scope } from '../../scope'

it('writes the post of the form, and leads to the list', async () => {
  await using network = await createTestNetwork()
  const session = await signedInSession({ network, did: testDid('alice.test'), scope })
  vi.spyOn(auth, 'requireSession').mockResolvedValue(session)
  const form = new FormData()
  form.set('text', 'Hello')
  // Next.js redirects by an error.
  await expect(post(form)).rejects.toThrow('NEXT_REDIRECT')
  expect(await network.records('alice.test', 'app.bsky.feed.post')).toMatchObject([
    { value: { text: 'Hello' } },
  ])
})
