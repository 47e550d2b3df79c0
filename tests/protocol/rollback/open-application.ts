/** Opens an application's stored data with a version of the library: same store, same secret, servers that answer. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { alice, bob, crowd, type Person } from '../../support/protocol/scripted-network.ts'
import { writeDatabase } from './database.ts'
import type { Library } from './library.ts'
import { openRow, sha256 } from './open-row.ts'
import { createRecordedNetwork } from './recorded-network.ts'
import { describeClient, readKeyset } from './write-client.ts'
import type { WrittenApplication } from './written.ts'

export const people: readonly Person[] = [alice, bob, ...crowd]
/** Everything written is still valid at this point, except a refresh marker: its 35 seconds are over. */
export const LATER_MS = 60_000

/** The store, in a new file. Its clock stands still until `setTime`. */
export function openStore(library: Library, { writtenAt, database }: WrittenApplication) {
  const folder = mkdtempSync(join(tmpdir(), 'atproto-opened-'))
  const path = join(folder, 'sessions.sqlite')
  writeDatabase(path, database)
  let time = writtenAt + LATER_MS
  const now = () => time
  const store = library.createSqliteStore({ path, now })
  onTestFinished(async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  })
  return {
    store,
    now,
    setTime(ms: number) {
      time = ms
    },
  }
}

/** A client of the application, in a process that has just started. */
export async function openClient(library: Library, written: WrittenApplication) {
  const { addresses, publicUrl, secret, clientId } = written
  const opened = openStore(library, written)
  const { store, now } = opened
  const network = createRecordedNetwork(addresses, people)
  const client = new library.OAuthClient({
    clientMetadata: describeClient(library, publicUrl),
    keyset: await readKeyset(library, publicUrl),
    secrets: [secret],
    store,
    now,
    fetch: network.fetch,
    localNetwork: { plcDirectory: addresses.plc, handleResolver: addresses.resolver },
    onWarning: () => undefined,
  })
  const read = async (key: string) => {
    const { value = '' } = (await store.get(key)) ?? {}
    return openRow({ key, value }, { secret, clientId })
  }
  return {
    ...opened,
    client,
    network,
    read,
    readSession: (id: string) => read(`session:${sha256(id)}`),
    readState: (state: string) => read(`state:${sha256(state)}`),
  }
}
