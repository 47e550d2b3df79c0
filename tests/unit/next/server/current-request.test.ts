/** The session cookie as the application's own actions set it, through Next. */
// Before anything of Next: what it needs of its server is made here.
import 'next/dist/server/node-environment-baseline.js'

import { describe, expect, it } from 'vitest'
import { generatePrivateJwk } from '../../../../lib/crypto/keyset.ts'
import { createAtprotoAuth } from '../../../../lib/next/auth.ts'
import { createMemoryStore } from '../../../../lib/store/memory.ts'
import { sealSessionCookie } from '../../../../lib/web/session-cookie.ts'
import { runNextRequest } from '../../../support/next-request.ts'
import { ALICE } from '../../../support/unit/names.ts'

const SECRET = 'Zk4vTq9-mXc2_bRw7.LpYd8~HsJ3+fGn6'
const clientKeys = { ...(await generatePrivateJwk()), kid: 'key' }

/** The attributes of a `Set-Cookie` line, in no order; Next adds the date that says the same as Max-Age. */
function attributesOf(line = ''): readonly string[] {
  const [, ...attributes] = line.split('; ')
  return attributes
    .filter((text) => !text.startsWith('Expires='))
    .map((text) => text.toLowerCase())
    .sort()
}

describe.each([
  ['https://app.host.dev', '__Host-atproto-session', ['secure']],
  ['http://127.0.0.1:3000', 'atproto-session-3000', []],
] as const)('under %s', (publicUrl, name, extra) => {
  const auth = createAtprotoAuth({ publicUrl, secret: SECRET, clientKeys, store: createMemoryStore() })

  it('C9 CK-3 is set and removed with the attributes of the handlers', async () => {
    // A session that the store does not have any more: signing out removes the cookie all the same.
    const sealed = await sealSessionCookie({ did: ALICE, sessionIds: ['gone'] }, [SECRET], 3_600)
    const headers = { cookie: `${name}=${sealed}`, 'sec-fetch-site': 'same-origin' }
    const lines: (readonly string[])[] = []
    const works = [() => auth.revokeDevice('none').catch(() => undefined), () => auth.signOut()]
    for (const work of works) {
      lines.push((await runNextRequest<unknown>({ headers, phase: 'action' }, work)).setCookies)
    }
    const [[set, ...more] = [], [removed] = []] = lines
    const ttl = publicUrl.startsWith('https') ? 180 * 86_400 : 14 * 86_400
    const common = ['httponly', 'path=/', 'samesite=lax', ...extra]
    expect(more).toEqual([])
    expect(set).toMatch(new RegExp(`^${name}=Fe26\\.2\\*`))
    expect(attributesOf(set)).toEqual([...common, `max-age=${ttl}`].sort())
    expect(removed).toMatch(new RegExp(`^${name}=;`))
    expect(attributesOf(removed)).toEqual([...common, 'max-age=0'].sort())
  })
})
