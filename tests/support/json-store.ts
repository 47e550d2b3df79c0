import type { SimpleStore } from 'next-atproto-auth/oauth'

type Json = Record<string, unknown>

/** A store that keeps JSON text, as a database would. */
export function createJsonStore<Value>(entries = new Map<string, string>()) {
  const store: SimpleStore<Value> = {
    get: async (key) => {
      const text = entries.get(key)
      return text === undefined ? undefined : JSON.parse(text)
    },
    set: async (key, value) => void entries.set(key, JSON.stringify(value)),
    del: async (key) => void entries.delete(key),
  }
  const read = (key: string): Json => ({ ...Object(JSON.parse(entries.get(key) ?? 'null')) })
  return { entries, store, read }
}
