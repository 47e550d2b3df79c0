/** A loopback public URL with another port than the one that the browser is at: the sign-in would return to no one. */
import { beforeEach, expect, it } from 'vitest'
import { sharedState } from '../../../lib/next/process/shared-state.ts'
import { ORIGIN, ownForm, visitNewApp } from '../../support/protocol/next-app.ts'
import { alice } from '../../support/protocol/scripted-network.ts'
import { recordLog } from '../../support/record-log.ts'

const identifier = alice.handle
const WARNING =
  '[next-atproto-auth] A sign-in began at 127.0.0.1:3100, but returns to the public URL, which is http://127.0.0.1:3000. If this application does not listen there, set PUBLIC_URL to http://127.0.0.1:3100.'

beforeEach(() => {
  sharedState().logged.clear()
  sharedState().logged.add('localNetwork is on: requests to loopback addresses are allowed.')
})

const at = (host: string) => ({ ...ownForm, host })

it('is a warning with both addresses, once; the sign-in goes on, since a proxy may change the port', async () => {
  const visitor = await visitNewApp()
  const lines = recordLog()
  for (const host of ['127.0.0.1:3100', '127.0.0.1:3100', '127.0.0.1:3200']) {
    const { status, headers } = await visitor.post('/oauth/login', { identifier }, at(host))
    expect([status, headers.get('location')]).toEqual([303, expect.not.stringContaining('error=')])
  }
  expect(lines).toEqual([WARNING])
})

it('is a warning in a server function too', async () => {
  const visitor = await visitNewApp()
  const lines = recordLog()
  await visitor.act((auth) => auth.signIn({ identifier }), { headers: at('127.0.0.1:3100') })
  expect(lines).toEqual([WARNING])
})

it.each(['localhost:3100', 'LOCALHOST:3100', '[::1]:3100'])('is a warning at %s', async (host) => {
  const visitor = await visitNewApp()
  const lines = recordLog()
  await visitor.post('/oauth/login', { identifier }, at(host))
  expect(lines).toEqual([WARNING.replace('at 127.0.0.1:3100', `at ${host.toLowerCase()}`)])
})

it.each([
  ['its own address', ORIGIN.replace('http://', '')],
  ['another machine', '192.168.1.5:3100'],
  ['a name that begins like a loopback address', '127.0.0.1.evil.dev:3100'],
  ['a text for the log', '127.0.0.1:3100, set PUBLIC_URL to https://evil.dev'],
  ['a port that is none', '127.0.0.1:99999'],
])('is no warning at %s', async (_where, host) => {
  const visitor = await visitNewApp()
  const lines = recordLog()
  await visitor.post('/oauth/login', { identifier }, at(host))
  expect(lines).toEqual([])
})
