/** A session cookie that does not open: in development the log says so once, otherwise anyone could fill the log. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createNextApp, SESSION_COOKIE } from '../../support/protocol/next-app.ts'
import { alice, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'

const OTHER = 'mQ8zr2-Wd5_hYt9.KxNb4~LvC7+sPj1Eu'

afterEach(() => void vi.unstubAllEnvs())

/** What the log says when browsers come with the cookie of a sign-in, after the secret was changed. */
async function warningsIn(mode: string, change: (cookie: string) => string = (cookie) => cookie) {
  await using network = await startScriptedNetwork()
  const first = createNextApp(network).visit()
  await first.signIn(alice)
  const cookie = change(first.jar.get(SESSION_COOKIE) ?? '')
  vi.stubEnv('NODE_ENV', mode)
  const lines: string[] = []
  const logger = {
    warn: (line: string) => void lines.push(line),
    error: (line: string) => void lines.push(line),
  }
  const app = createNextApp(network, { secret: OTHER, logger })
  for (let times = 0; times < 2; times += 1)
    expect(await app.visit([[SESSION_COOKIE, cookie]]).whoIsSignedIn()).toBeUndefined()
  expect(lines.join()).not.toContain(cookie)
  return lines.filter((line) => line.includes('session cookie'))
}

describe('a session cookie that was sealed with another secret', () => {
  it.each(['production', 'test'])('leaves no line in the log when NODE_ENV is %j', async (mode) => {
    expect(await warningsIn(mode)).toEqual([])
  })

  it('leaves none in development if it has not the form of one', async () => {
    expect(await warningsIn('development', (cookie) => cookie.slice(9))).toEqual([])
  })

  it('leaves one line in development, once per process', async () => {
    expect(await warningsIn('development')).toEqual([
      expect.stringContaining('A session cookie could not be opened, so its user seems signed out.'),
    ])
    expect(await warningsIn('development')).toEqual([])
  })
})
