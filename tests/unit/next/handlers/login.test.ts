import { describe, expect, it } from 'vitest'
import { createConfigLoader } from '../../../../lib/next/config/load-config.ts'
import { handleLoginGet, handleLoginPost } from '../../../../lib/next/handlers/login.ts'
import { createMemoryStore } from '../../../../lib/store/memory.ts'
import { serve } from '../../../support/unit/serve.ts'

const PUBLIC_URL = 'http://127.0.0.1:3000'
const LOGIN = `${PUBLIC_URL}/oauth/login`
const SECRET = 'Zk4vTq9-mXc2_bRw7.LpYd8~HsJ3+fGn6'

/** The handlers on a network on this machine, where even this server's own address could be a PDS. */
async function startApp() {
  const server = await serve((_request, response) => response.writeHead(404).end())
  const runtime = createConfigLoader({
    publicUrl: PUBLIC_URL,
    secret: SECRET,
    store: createMemoryStore(),
    localNetwork: { plcDirectory: server.origin, handleResolver: server.origin },
  })
  return { server, runtime: await runtime() }
}

describe('the login handler', () => {
  const spellings = (origin: string) => [
    origin,
    `${origin}/`,
    ` ${origin} `,
    `\u200b${origin}`,
    origin.toUpperCase(),
    `at://${origin}`,
    'https://bsky.social',
    'HTTPS://BSKY.SOCIAL/',
    'https://10.0.0.1',
    'https://localhost:3000',
  ]

  it('N1 ID-1 refuses the address of a server, however it is spelt, and sends nothing', async () => {
    const { server, runtime } = await startApp()
    for (const identifier of spellings(server.origin)) {
      const headers = { origin: PUBLIC_URL, 'sec-fetch-site': 'same-origin' }
      const body = new URLSearchParams({ identifier })
      const posted = await handleLoginPost(new Request(LOGIN, { method: 'POST', headers, body }), runtime)
      const own = {
        'sec-fetch-site': 'same-origin',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
      }
      const got = await handleLoginGet(new Request(`${LOGIN}?${body}`, { headers: own }), runtime)
      expect([identifier, posted.status, posted.headers.get('location')]).toEqual([
        identifier,
        303,
        expect.stringContaining('error=identifier_is_web_address'),
      ])
      // A link shows the form.
      expect([identifier, got.status]).toEqual([identifier, 200])
    }
    expect(server.connections()).toBe(0)
  })

  it('asks about a handle', async () => {
    const { server, runtime } = await startApp()
    const headers = { origin: PUBLIC_URL, 'sec-fetch-site': 'same-origin' }
    const body = new URLSearchParams({ identifier: 'alice.test' })
    await handleLoginPost(new Request(LOGIN, { method: 'POST', headers, body }), runtime)
    expect(server.connections()).toBe(1)
  })
})
