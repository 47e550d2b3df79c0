/** The working tree stores exactly the fields, keys and cookies that the fixtures hold. */

import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { lastingCookies } from '../../support/browser.ts'
import { alice } from '../../support/protocol/scripted-network.ts'
import type { Database } from './database.ts'
import { workingTree } from './library.ts'
import { blindName, openCookie, openRow, sha256 } from './open-row.ts'
import { writeApplication } from './write-application.ts'
import { SCOPE } from './write-client.ts'
import { writeCommandLine } from './write-command-line.ts'
import { writeCustomStores } from './write-custom-stores.ts'
import {
  applicationSchema,
  applications,
  CONFIDENTIAL,
  commandLineSchema,
  customStoresSchema,
  readFixture,
  type WrittenApplication,
} from './written.ts'

/** The field names of a value, nested ones as paths: `dpopJwk.crv`. */
function namesIn(value: unknown, prefix = ''): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.entries(value)
    .flatMap(([name, inner]) => [prefix + name, ...namesIn(inner, `${prefix}${name}.`)])
    .toSorted()
}

/** 0.1.0 knows nothing of finished sign-ins and of the row about the secret, and does nothing with these rows. */
const isNewer = (key: unknown) => /^(finished|secret):/.test(String(key))

/** The schema of a database, and each kind of row in it once. */
async function describeDatabase(
  { version, statements, tables }: Database,
  keys: { readonly secret: string; readonly clientId: string },
) {
  const { entry = [], member = [], counter = [], lease = [] } = tables
  const known = entry.filter(({ key }) => !isNewer(key))
  const rows = known.map(async (row) => {
    const [key, value] = [String(row.key), String(row.value)]
    const { kid } = JSON.parse(Buffer.from(value.split('.', 1)[0] ?? '', 'base64url').toString())
    const [kind, name = ''] = key.split(':')
    return JSON.stringify([kind, name.length, kid, ...namesIn(await openRow({ key, value }, keys))])
  })
  return {
    version,
    statements: statements.map((sql) => sql.replaceAll(/\s+/g, ' ')),
    entry: [...new Set(await Promise.all(rows))].toSorted(),
    indexes: [...new Set(member.map(({ name }) => name))].toSorted(),
    member: [...new Set(member.map((row) => String(row.member).length))],
    counter: [...new Set(counter.map(({ key }) => String(key).split(':', 1)[0]))],
    lease: lease.filter(({ key }) => !isNewer(key)),
  }
}

/** Whether a login limit was counted under the name that 0.1.0 gives it. */
function hasCounted(written: WrittenApplication, kind: string, windowMs: number, subject: string): boolean {
  return (written.database.tables.counter ?? []).some(({ key, expires_at: end }) => {
    const window = Math.floor((Number(end) - windowMs) / windowMs)
    return key === `login:${blindName(written.secret, 'login limits', `${kind}\n${window}\n${subject}`)}`
  })
}

/** Opened at the time of writing: the cookies of the fixtures have long expired. */
async function describeBrowsers({ writtenAt, secret, browsers }: WrittenApplication) {
  vi.useFakeTimers({ toFake: ['Date'], now: writtenAt })
  onTestFinished(() => void vi.useRealTimers())
  const { signedIn, signingIn } = browsers
  const [[sessionName, sessionText] = ['', ''], ...others] = lastingCookies(new Map(signedIn.jar))
  const [[flowName, flowText] = ['', '']] = signingIn.jar
  const state = new URL(signingIn.refusal, CONFIDENTIAL).searchParams.get('state') ?? ''
  return {
    session: [sessionName, ...namesIn(await openCookie(sessionText, 'session cookie', secret))],
    others,
    flow: [
      flowName.replace(/[0-9a-z]+-.{16}$/, ''),
      flowName.endsWith(`-${sha256(state).slice(0, 16)}`),
      ...namesIn(await openCookie(flowText, 'flow cookie', secret)),
    ],
  }
}

describe.each(applications)('the $name client', ({ name, publicUrl }) => {
  it('stores the rows and sets the cookies of 0.1.0', async () => {
    const before = readFixture(name, applicationSchema)
    const now = await writeApplication(workingTree, publicUrl)
    expect(now.clientId).toBe(before.clientId)
    expect(await describeDatabase(now.database, now)).toEqual(await describeDatabase(before.database, before))
    expect(await describeBrowsers(now)).toEqual(await describeBrowsers(before))
    for (const written of [before, now]) {
      expect(hasCounted(written, 'overall', 60_000, '')).toBe(true)
      expect(hasCounted(written, 'perIdentifier', 600_000, alice.handle)).toBe(true)
    }
  })

  it('gives custom stores the fields of 0.1.0', async () => {
    const before = readFixture(`custom-stores-${name}`, customStoresSchema)
    const now = await writeCustomStores(workingTree, publicUrl)
    expect(namesIn(now.sessions)).toEqual(namesIn(before.sessions))
    expect(namesIn(now.states)).toEqual(namesIn(before.states))
  })
})

it('the command line stores the rows of 0.1.0', async () => {
  const before = readFixture('command-line', commandLineSchema)
  const now = await writeCommandLine(workingTree)
  const query = new URLSearchParams({ redirect_uri: 'http://127.0.0.1/callback', scope: SCOPE })
  const clientId = `http://localhost?${query}`
  // The shared cache is written in the background: a command can end before the write is done.
  const [described, expected] = [now, before].map(({ database: { tables, ...database }, secret }) => {
    const entry = tables.entry?.filter(({ key }) => !String(key).startsWith('server:')) ?? []
    return describeDatabase({ ...database, tables: { ...tables, entry } }, { secret, clientId })
  })
  expect(await described).toEqual(await expected)
})
