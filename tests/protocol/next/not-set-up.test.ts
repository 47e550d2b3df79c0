/** What the handlers show when the configuration has problems: everything in development, nothing of it in production. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { AtprotoAuthOptions } from '../../../lib/next/config/options.ts'
import { createAtprotoAuth } from '../../../lib/next/index.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { recordLog } from '../../support/record-log.ts'

const WEAK = 'a-weak-secret'
const own = { 'sec-fetch-site': 'same-origin', origin: 'http://127.0.0.1:3000' }

afterEach(() => void vi.unstubAllEnvs())

async function showIn(mode: string, options: AtprotoAuthOptions) {
  vi.stubEnv('NODE_ENV', mode)
  recordLog()
  const { handlers } = createAtprotoAuth({ store: createMemoryStore(), ...options })
  const body = new URLSearchParams({ identifier: 'alice.test' })
  const form = new Request('http://127.0.0.1:3000/oauth/login', { method: 'POST', headers: own, body })
  const response = await handlers.POST(form)
  expect(response.status).toBe(500)
  return response.text()
}

const weak: AtprotoAuthOptions = { publicUrl: 'http://127.0.0.1:3000', secret: WEAK }
const several: AtprotoAuthOptions = { publicUrl: 'http://app.example.com', secret: WEAK, scope: '<b>"' }

describe('the page "Not set up"', () => {
  it('says in development what is missing', async () => {
    const html = await showIn('development', weak)
    expect(html).toContain('ATPROTO_SECRET is too weak: it needs at least 32 random characters.')
    expect(html).toContain('in development only')
  })

  it('says all problems in development, with what it quotes as text', async () => {
    const html = await showIn('development', several)
    expect(html).toContain('PUBLIC_URL must be https')
    expect(html).toContain('ATPROTO_SECRET is too weak')
    expect(html).not.toContain('<b>')
  })

  it.each(['production', 'test', ''])('says nothing of it when NODE_ENV is %j', async (mode) => {
    for (const options of [weak, several]) {
      const html = await showIn(mode, options)
      expect(html).toContain('Sign-in is not set up on this site yet. The server log says what is missing.')
      expect(html).not.toMatch(/ATPROTO_SECRET|PUBLIC_URL|app\.example|scope/)
    }
  })

  it.each(['development', 'production'])('never has the secret itself, in %s', async (mode) => {
    for (const options of [weak, several]) expect(await showIn(mode, options)).not.toContain(WEAK)
  })
})
