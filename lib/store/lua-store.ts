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
  const number = async (...args: Parameters<typeof run>) => parseNumber(await run(...args))

  return {
    async get(key) {
      return parseRow(await run(scripts.READ, `row:${key}`))
    },
    async set(key, value, ttlMs) {
      await number(scripts.WRITE, `row:${key}`, newOperation(), value, wholeMs(ttlMs))
    },
    async take(key) {
      const taken = await run(scripts.TAKE, `row:${key}`, newOperation())
      return taken === null ? undefined : splitRow(taken).value
    },
    async update(key, value, generation, ttlMs) {
      const args = [newOperation(), value, String(generation), wholeMs(ttlMs)]
      return (await number(scripts.UPDATE, `row:${key}`, ...args)) === 1
    },
    async delete(key, generation) {
      return (await number(scripts.DELETE, `row:${key}`, newOperation(), String(generation ?? ''))) === 1
    },
    async increment(key, ttlMs) {
      return number(scripts.COUNT, `count:${key}`, newOperation(), wholeMs(ttlMs))
    },
    async addMember(index, member, ttlMs) {
      await number(scripts.ADD_MEMBER, `index:${index}`, member, wholeMs(ttlMs))
    },
    async removeMember(index, member) {
      await number(scripts.REMOVE_MEMBER, `index:${index}`, member)
    },
    async members(index) {
      return parseMembers(await run(scripts.MEMBERS, `index:${index}`))
    },
    async lease(key, owner, ttlMs) {
      return (await number(scripts.LEASE, `lease:${key}`, owner, wholeMs(ttlMs))) === 1
    },
    async release(key, owner) {
      await number(scripts.RELEASE, `lease:${key}`, owner)
    },
    async ping() {
      await number(scripts.PING, 'ping')
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await close()
    },
  }
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

function parseNumber(reply: unknown): number {
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
