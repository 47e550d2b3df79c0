/**
 * The people of the local network: who they are, and how they get their accounts and profiles, over
 * ordinary XRPC as any client would do it.
 */
import { drawAvatar } from './avatar.ts'
import type { LocalPds } from './local-pds.ts'

export type PersonName = 'alice' | 'bob' | 'carol'

export interface LocalAccount {
  readonly handle: string
  readonly did: string
  readonly password: string
  readonly pdsUrl: string
  readonly displayName: string
}

export interface Person {
  readonly name: PersonName
  readonly displayName: string
  readonly password: string
  /** Which PDS holds the account: 0 or 1. */
  readonly pds: 0 | 1
  readonly hasAvatar: boolean
}

/** Passwords are fixed and printed by the demo: these accounts exist on loopback only. */
export const people: Readonly<Record<PersonName, Person>> = {
  alice: { name: 'alice', displayName: 'Alice Liddell', password: 'alice-password', pds: 0, hasAvatar: true },
  bob: { name: 'bob', displayName: 'Bob Hatter', password: 'bob-password', pds: 1, hasAvatar: false },
  carol: { name: 'carol', displayName: 'Carol Lewis', password: 'carol-password', pds: 0, hasAvatar: false },
}

/** Creates a person's account and profile record (with an avatar blob, if they have one). */
export async function createPerson(person: Person, pds: LocalPds): Promise<LocalAccount> {
  const handle = `${person.name}${pds.handleDomain}`
  const email = `${person.name}@mail.invalid`
  const { password, displayName } = person
  await call(pds, 'com.atproto.server.createAccount', { json: { handle, email, password } })
  const login = await call(pds, 'com.atproto.server.createSession', {
    json: { identifier: handle, password },
  })
  const did = readString(login, 'did')
  const token = readString(login, 'accessJwt')
  const avatar = person.hasAvatar ? await uploadAvatar(pds, token) : undefined
  await call(pds, 'com.atproto.repo.putRecord', {
    token,
    json: {
      repo: did,
      collection: 'app.bsky.actor.profile',
      rkey: 'self',
      record: { $type: 'app.bsky.actor.profile', displayName, ...(avatar === undefined ? {} : { avatar }) },
    },
  })
  return { handle, did, password, pdsUrl: pds.url, displayName }
}

async function uploadAvatar(pds: LocalPds, token: string): Promise<unknown> {
  const answer = await call(pds, 'com.atproto.repo.uploadBlob', { token, png: drawAvatar(128) })
  return answer.blob
}

interface CallInput {
  readonly token?: string
  readonly json?: unknown
  readonly png?: Uint8Array<ArrayBuffer>
}

async function call(pds: LocalPds, method: string, input: CallInput): Promise<Record<string, unknown>> {
  const response = await fetch(`${pds.url}/xrpc/${method}`, {
    method: 'POST',
    headers: {
      'content-type': input.png ? 'image/png' : 'application/json',
      ...(input.token === undefined ? {} : { authorization: `Bearer ${input.token}` }),
    },
    body: input.png ?? JSON.stringify(input.json),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} on ${pds.url} answered ${response.status}: ${text}`)
  return parseObject(text)
}

function parseObject(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null) throw new Error(`Expected a JSON object, got: ${text}`)
  return { ...value }
}

function readString(answer: Record<string, unknown>, field: string): string {
  const value = answer[field]
  if (typeof value !== 'string') throw new Error(`The answer of the PDS lacks "${field}".`)
  return value
}
