/** The row that tells whether a store was used with another secret. */
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../../../lib/crypto/hash.ts'
import { createSealer } from '../../../../lib/crypto/seal.ts'
import { createSecretRow, otherSecretAt } from '../../../../lib/oauth/records/secret-row.ts'
import { createMemoryStore } from '../../../../lib/store/memory.ts'

const OLD = 'old'.padEnd(32, '.')
const NEW = 'new'.padEnd(32, '.')
const URL = 'https://app.example.com'
const KEY = `secret:${sha256(URL)}`
const DAY_MS = 24 * 60 * 60_000
const LIFETIME_MS = 180 * DAY_MS

function create() {
  let nowMs = Date.parse('2026-01-02T03:04:05Z')
  const now = () => nowMs
  const store = createMemoryStore({ now })
  const rowOf = (secrets: readonly [string, ...string[]], publicUrl = URL) =>
    createSecretRow({ store, secrets, publicUrl, now })
  return {
    store,
    rowOf,
    wait(ms: number) {
      nowMs += ms
    },
    write: (...secrets: readonly [string, ...string[]]) => rowOf(secrets).write(LIFETIME_MS),
    read: (...secrets: readonly [string, ...string[]]) => rowOf(secrets).read(),
  }
}

describe('the row about the secret', () => {
  it('says nothing before it was written', async () => {
    expect(await create().read(OLD)).toBe('absent')
  })

  it('tells a secret that is not configured from one that is', async () => {
    const { write, read } = create()
    await write(OLD)
    expect(await read(OLD)).toBe('fresh')
    expect(await read(OLD, NEW)).toBe('fresh')
    expect(await read(NEW)).toBe('other_secret')
  })

  it('has to be written again once its secret is an older one, and after a day', async () => {
    const { write, read, wait } = create()
    await write(OLD)
    expect(await read(NEW, OLD)).toBe('due')
    await write(NEW, OLD)
    expect(await read(NEW)).toBe('fresh')
    wait(DAY_MS - 1)
    expect(await read(NEW)).toBe('fresh')
    wait(1)
    expect(await read(NEW)).toBe('due')
  })

  it('has to be written again after the clock was set back by days: it would end too early', async () => {
    const { write, read, wait } = create()
    await write(OLD)
    wait(-2 * DAY_MS)
    expect(await read(OLD)).toBe('due')
  })

  it('outlives each session of the next two days', async () => {
    const { write, read, wait } = create()
    await write(OLD)
    wait(LIFETIME_MS + 2 * DAY_MS - 1)
    expect(await read(NEW)).toBe('other_secret')
    wait(1)
    expect(await read(NEW)).toBe('absent')
  })

  it.each(['', 'no sealed text', 'a.b.c.d.e'])('says nothing when it was altered into %j', async (text) => {
    const { store, read } = create()
    await store.set(KEY, text, DAY_MS)
    expect(await read(OLD)).toBe('absent')
  })

  it('says nothing when it was sealed for another place, or is of another version', async () => {
    const { store, rowOf, read } = create()
    await rowOf([OLD], 'https://other.example.com').write(LIFETIME_MS)
    const other = await store.get(`secret:${sha256('https://other.example.com')}`)
    await store.set(KEY, other?.value ?? '', DAY_MS)
    expect(await read(OLD)).toBe('absent')
    const context = ['secret', URL, sha256(URL)]
    await store.set(KEY, await createSealer([OLD], 'secret row').seal({ version: 2 }, context), DAY_MS)
    expect(await read(OLD)).toBe('absent')
  })

  it('is one for each address', async () => {
    const { rowOf, write } = create()
    await write(OLD)
    expect(await rowOf([NEW], 'https://preview.example.com').read()).toBe('absent')
  })

  it('is there, whole, after processes have written it at once', async () => {
    const { write, read } = create()
    await Promise.all([write(OLD), write(NEW, OLD), write(OLD)])
    expect(await read(OLD, NEW)).not.toBe('absent')
  })

  it('gives no new way to try secrets: it is sealed as other rows are, each time differently', async () => {
    const { store, write } = create()
    await write(OLD)
    const first = (await store.get(KEY))?.value ?? ''
    await write(OLD)
    expect((await store.get(KEY))?.value).not.toBe(first)
    const sealed = createSealer([OLD], 'secret row')
    expect(await sealed.open(first, ['secret', URL, sha256(URL)])).toEqual({
      version: 1,
      writtenAt: Date.parse('2026-01-02T03:04:05Z'),
    })
    for (const label of ['session row', 'state row', 'server row', 'finished flow row'])
      expect(await createSealer([OLD], label).open(first, ['secret', URL, sha256(URL)])).toBeUndefined()
  })
})

it('the words about another secret say what happened and what to do', () => {
  const { message, fix } = otherSecretAt(URL)
  expect(message).toBe(
    `The store was used with another ATPROTO_SECRET for ${URL}: users who signed in with it have to sign in again.`,
  )
  expect(fix).toContain('"Rotate the secret"')
})
