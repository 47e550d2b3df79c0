/** Stands in for the entry `next-atproto-auth/stores/sqlite` on the edge. */
import type { Store } from '../store/contract.ts'
import { refuseLater } from './refuse.ts'

/** Returns a store that opens no file and whose functions reject with a TypeError that says what to do. */
export function createSqliteStore(): Store {
  return {
    get: refuseLater,
    set: refuseLater,
    take: refuseLater,
    update: refuseLater,
    delete: refuseLater,
    increment: refuseLater,
    addMember: refuseLater,
    removeMember: refuseLater,
    members: refuseLater,
    lease: refuseLater,
    release: refuseLater,
    ping: refuseLater,
    close: refuseLater,
  }
}
