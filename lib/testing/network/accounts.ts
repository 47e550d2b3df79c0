/** The accounts of a test network: their identifiers, and the documents that name their server. */
import { createHash } from 'node:crypto'
import { type Did, type Handle, isDid, isHandle } from '../../identity/syntax.ts'
import { base32 } from './cid.ts'

/** An account of the network. */
export interface TestAccount {
  /** The same for a handle in every network, so that tests can know it: see `testDid`. */
  readonly did: Did
  readonly handle: Handle
  readonly displayName: string
}

/** An account to create. */
export interface NewTestAccount {
  /** Such as `alice.test`. */
  readonly handle: string
  /** Name on the profile; default the first part of the handle. */
  readonly displayName?: string | undefined
}

export interface Accounts {
  readonly all: readonly TestAccount[]
  /** @throws TypeError when it is not a handle, or known */
  add(account: string | NewTestAccount): TestAccount
  /** By handle or DID. */
  find(name: string): TestAccount | undefined
  /** @throws TypeError when there is none of that name */
  get(name: string): TestAccount
}

/** The DID that every test network gives to a handle. */
export function testDid(handle: string): Did {
  const hash = createHash('sha256').update(handle.toLowerCase()).digest()
  const did = `did:plc:${base32(hash).slice(0, 24)}`
  if (isDid(did)) return did
  throw new TypeError(`${did} is no DID.`)
}

export function createAccounts(initial: readonly (string | NewTestAccount)[]): Accounts {
  const all: TestAccount[] = []
  const find = (name: string) => all.find(({ did, handle }) => did === name || handle === name.toLowerCase())
  const accounts: Accounts = {
    all,
    find,
    add(account) {
      const { handle: written, displayName }: NewTestAccount =
        typeof account === 'string' ? { handle: account } : account
      const handle = written.toLowerCase()
      if (!isHandle(handle)) throw new TypeError(`A handle such as alice.test was expected, not ${written}.`)
      if (find(handle)) throw new TypeError(`The test network has an account ${handle} already.`)
      const [name = handle] = handle.split('.')
      const added = { did: testDid(handle), handle, displayName: displayName ?? name }
      all.push(added)
      return added
    },
    get(name) {
      const found = find(name)
      if (found) return found
      throw new TypeError(
        `The test network has no account ${name}; it has ${all.map(({ handle }) => handle)}.`,
      )
    },
  }
  for (const account of initial) accounts.add(account)
  return accounts
}

/** A DID document as the PLC directory serves it. */
export function didDocument({ did, handle }: { readonly did: string; readonly handle: string }, pds: string) {
  return {
    '@context': ['https://www.w3.org/ns/did/v1'],
    id: did,
    alsoKnownAs: [`at://${handle}`],
    verificationMethod: [],
    service: [{ id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: pds }],
  }
}
