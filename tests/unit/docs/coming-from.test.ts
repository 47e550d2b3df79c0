/** docs/coming-from.md: its wrapper for route handlers answers as the page says. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AtprotoAuthError } from '../../../lib/errors.ts'
import { codeBlocksOf } from '../../../tools/docs/code-blocks.ts'
import { readPages } from '../../../tools/docs/pages.ts'
import { root } from '../../../tools/docs/source.ts'

type WithSession = (
  handler: (session: { readonly did: string }) => Promise<Response>,
) => (request: Request) => Promise<Response>

let folder: string
let withSession: WithSession
/** What the application's `auth.getSession()` returns. */
const visitor: { session: { readonly did: string } | null } = { session: null }
Object.assign(globalThis, { visitorOfComingFrom: visitor })

beforeAll(async () => {
  const blocks = readPages()
    .filter(({ path }) => path === 'docs/coming-from.md')
    .flatMap(codeBlocksOf)
  const code = blocks.find(({ path }) => path === 'with-session.ts')?.code ?? ''
  await mkdir(join(root, '.results'), { recursive: true })
  folder = await mkdtemp(join(root, '.results/coming-from-'))
  await writeFile(join(folder, 'with-session.ts'), code)
  const auth = 'export const auth = { getSession: async () => globalThis.visitorOfComingFrom.session }\n'
  await writeFile(join(folder, 'auth.ts'), auth)
  withSession = (await import(join(folder, 'with-session.ts'))).withSession
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('withSession', () => {
  const send = async (handler: Parameters<WithSession>[0], init: RequestInit = {}) => {
    const response = await withSession(handler)(new Request('https://app.example.com/api/posts', init))
    return [response.status, await response.json()]
  }
  const answerDid = async ({ did }: { readonly did: string }) => Response.json({ did })
  const ownPage = { 'sec-fetch-site': 'same-origin' }

  it('passes on the session of those who are signed in', async () => {
    visitor.session = { did: 'did:web:alice.test' }
    expect(await send(answerDid)).toEqual([200, { did: 'did:web:alice.test' }])
    expect(await send(answerDid, { method: 'POST', headers: ownPage })).toEqual([
      200,
      { did: 'did:web:alice.test' },
    ])
  })

  it('answers 401 to all others', async () => {
    visitor.session = null
    expect(await send(answerDid)).toEqual([401, { error: 'not_signed_in' }])
  })

  it.each(['cross-site', 'same-site', 'none'])('refuses a write that comes from %s', async (site) => {
    visitor.session = { did: 'did:web:alice.test' }
    const init = { method: 'DELETE', headers: { 'sec-fetch-site': site } }
    expect(await send(answerDid, init)).toEqual([403, { error: 'other_site' }])
  })

  it('answers 401 when the session has ended meanwhile, and leaves other failures to the application', async () => {
    visitor.session = { did: 'did:web:alice.test' }
    const failing = (code: 'session_ended' | 'timeout') => async () => {
      throw new AtprotoAuthError(code, 'for the test')
    }
    expect(await send(failing('session_ended'))).toEqual([401, { error: 'session_ended' }])
    await expect(send(failing('timeout'))).rejects.toThrow('for the test')
  })
})
