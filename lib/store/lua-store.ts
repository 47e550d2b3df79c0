/** A store on a Redis server that runs the scripts of lua-scripts.ts. The caller says how scripts reach the server. */
import { StoreUnavailableError } from '../errors.ts'
import type { Store } from './contract.ts'
import * as scripts from './lua-scripts.ts'

export interface LuaStoreOptions {
  /**
   * Runs a script on one key. It may send the same call again when there was no answer. It throws only
   * StoreUnavailableError or ConfigurationError.
   */
  readonly evaluate: (script: string, key: string, args: readonly string[]) => Promise<unknown>
  /** The prefix of every key. */
  readonly prefix: string
  /** Closes the connection; called at most once. */
  readonly close: () => void | Promise<void>
}

/** The default prefix of keys. */
export const DEFAULT_PREFIX = 'atproto:'

/** Returns the store that sends its scripts through `evaluate`. */
export function createLuaStore({ evaluate, prefix, close }: LuaStoreOptions): Store {
  let isClosed = false

  async function run(script: string, key: string, ...args: readonly string[]): Promise<unknown> {
    if (isClosed) throw new StoreUnavailableError('The session store is closed.')
    return evaluate(script, `${prefix}${key}`, args)
  }
  return {
    ...valueMethods(run),
    ...indexMethods(run),
    ...leaseMethods(run),
    async ping() {
      await numberFrom(run(scripts.PING, 'ping'))
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await close()
    },
  }
}

/** Runs a script on a key of the store. */
type Run = (script: string, key: string, ...args: readonly string[]) => Promise<unknown>

function valueMethods(run: Run) {
  return {
    async get(key) {
      return parseRow(await run(scripts.READ, `row:${key}`))
    },
    async set(key, value, ttlMs) {
      await numberFrom(run(scripts.WRITE, `row:${key}`, newOperation(), value, wholeMs(ttlMs)))
    },
    async take(key) {
      const taken = await run(scripts.TAKE, `row:${key}`, newOperation())
      return taken === null ? undefined : splitRow(taken).value
    },
    async update(key, value, generation, ttlMs) {
      const args = [newOperation(), value, String(generation), wholeMs(ttlMs)]
      return (await numberFrom(run(scripts.UPDATE, `row:${key}`, ...args))) === 1
    },
    async delete(key, generation) {
      return (
        (await numberFrom(run(scripts.DELETE, `row:${key}`, newOperation(), String(generation ?? '')))) === 1
      )
    },
    async increment(key, ttlMs) {
      return numberFrom(run(scripts.COUNT, `count:${key}`, newOperation(), wholeMs(ttlMs)))
    },
  } satisfies Partial<Store>
}

function indexMethods(run: Run) {
  return {
    async addMember(index, member, ttlMs) {
      await numberFrom(run(scripts.ADD_MEMBER, `index:${index}`, member, wholeMs(ttlMs)))
    },
    async removeMember(index, member) {
      await numberFrom(run(scripts.REMOVE_MEMBER, `index:${index}`, member))
    },
    async members(index) {
      return parseMembers(await run(scripts.MEMBERS, `index:${index}`))
    },
  } satisfies Partial<Store>
}

function leaseMethods(run: Run) {
  return {
    async lease(key, owner, ttlMs) {
      return (await numberFrom(run(scripts.LEASE, `lease:${key}`, owner, wholeMs(ttlMs)))) === 1
    },
    async release(key, owner) {
      await numberFrom(run(scripts.RELEASE, `lease:${key}`, owner))
    },
  } satisfies Partial<Store>
}

function newOperation(): string {
  return crypto.randomUUID().replaceAll('-', '').slice(0, 16)
}

/** Redis accepts whole milliseconds only. */
function wholeMs(ttlMs: number): string {
  return String(Math.ceil(ttlMs))
}

function parseRow(reply: unknown) {
  if (reply === null) return undefined
  const { generation, value } = splitRow(reply)
  return generation === '-' ? undefined : { value, generation: Number(generation) }
}

function splitRow(reply: unknown): { readonly generation: string; readonly value: string } {
  const [head, generation] = (typeof reply === 'string' && /^(\d+|-):[0-9a-f]+:/.exec(reply)) || []
  if (typeof reply !== 'string' || head === undefined || generation === undefined) throw unexpectedReply()
  return { generation, value: reply.slice(head.length) }
}

/** Resolves to the reply of a script that answers with a number. */
async function numberFrom(answer: Promise<unknown>): Promise<number> {
  const reply = await answer
  if (typeof reply !== 'number') throw unexpectedReply()
  return reply
}

function parseMembers(reply: unknown): readonly string[] {
  if (!Array.isArray(reply)) throw unexpectedReply()
  return reply.map((member: unknown) => {
    if (typeof member !== 'string' || !member.startsWith(':')) throw unexpectedReply()
    return member.slice(1)
  })
}

/** A REST client also returns such a reply for a request that its own signal aborted. */
function unexpectedReply(): StoreUnavailableError {
  return new StoreUnavailableError(
    'The session store contains a value that this library did not write. Check that no other program uses its key prefix.',
  )
}
