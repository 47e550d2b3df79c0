/** What the log says of a form that is refused because it seems to come from another site: which origins differ. */
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { sharedState } from '../../../lib/next/process/shared-state.ts'
import { foreignForm, ORIGIN, visitNewApp } from '../../support/protocol/next-app.ts'
import { alice } from '../../support/protocol/scripted-network.ts'
import { recordLog } from '../../support/record-log.ts'

const ADVICE =
  'If that is this application, PUBLIC_URL must be the address in the browser, and a proxy in front must pass on Origin and Sec-Fetch-Site as they are. Otherwise another site sent it.'
const lineOf = (where: string) =>
  `[next-atproto-auth] A form was refused: it came ${where}, and PUBLIC_URL is ${ORIGIN}. ${ADVICE}`

beforeEach(() => {
  sharedState().failures.clear()
  sharedState().logged.add('localNetwork is on: requests to loopback addresses are allowed.')
})

describe('a form that is refused', () => {
  it.each(['login', 'logout', 'switch'])('at /oauth/%s: the log names both origins', async (route) => {
    const visitor = await visitNewApp()
    const lines = recordLog()
    const { status } = await visitor.post(`/oauth/${route}`, {}, { origin: 'http://192.168.1.5:3000' })
    expect([status, lines]).toEqual([403, [lineOf('from http://192.168.1.5:3000')]])
  })

  it.each([
    ['another site', foreignForm, 'from https://evil.dev (Sec-Fetch-Site: cross-site)'],
    ['a page that has none', { origin: 'null' }, 'with Origin: null'],
    ['a program', {}, 'without an Origin'],
    [
      'one with a text for the log',
      { origin: 'https://a.dev, and PUBLIC_URL is b' },
      'without an Origin that can be used',
    ],
    [
      'one with a value of its own',
      { origin: 'https://a.dev', 'sec-fetch-site': 'x\u0085y' },
      'from https://a.dev',
    ],
    ['one with a path', { origin: 'https://a.dev/x' }, 'without an Origin that can be used'],
    ['one that is long', { origin: `https://${'a'.repeat(5_000)}.dev` }, `from https://${'a'.repeat(92)}…`],
  ])('from %s', async (_who, headers, where) => {
    const visitor = await visitNewApp()
    const lines = recordLog()
    await visitor.post('/oauth/login', { identifier: alice.handle }, headers)
    expect(lines).toEqual([lineOf(where)])
  })

  it('in a server function: the log says the same', async () => {
    const visitor = await visitNewApp()
    const lines = recordLog()
    const headers = { origin: 'https://other.dev' }
    for (const work of [
      () => visitor.run((auth) => auth.signIn({ identifier: alice.handle }), { headers }),
      () => visitor.run((auth) => auth.signOut(), { headers }),
    ])
      await expect(work()).rejects.toMatchObject({ code: 'request_refused' })
    expect(lines).toEqual([lineOf('from https://other.dev'), lineOf('from https://other.dev')])
  })

  it('SF-5 has three lines a minute, because anyone can send one, and then their number', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1) })
    onTestFinished(() => void vi.useRealTimers())
    const visitor = await visitNewApp()
    const lines = recordLog()
    for (let at = 0; at < 20; at += 1) await visitor.post('/oauth/login', {}, foreignForm)
    expect(lines).toHaveLength(4)
    expect(lines.at(-1)).toContain('A form was refused: further ones are not logged in this minute.')
    vi.advanceTimersByTime(60_000)
    await visitor.post('/oauth/login', {}, foreignForm)
    expect(lines.slice(4)).toEqual([
      expect.stringContaining('A form was refused: 17 more were not logged.'),
      expect.stringContaining('from https://evil.dev'),
    ])
  })
})
