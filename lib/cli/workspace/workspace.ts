/** The data folder of one command: its store, the signed-in accounts, and OAuth clients that use the store. */
import { join, resolve } from 'node:path'
import { readSecrets } from '../../config/secrets.ts'
import { OAuthClient } from '../../oauth/client.ts'
import { createClientMemory } from '../../oauth/client-memory.ts'
import type { CommonOptions, StoreOptions } from '../../oauth/client-options.ts'
import { makeDataDirectory, STORE_FILE, secretIn } from '../../store/data-directory.ts'
import { createSqliteStore } from '../../store/sqlite.ts'
import { escapeControls } from '../../untrusted-text.ts'
import type { Terminal } from '../terminal/command.ts'
import type { NetworkSettings } from './network-options.ts'
import { createPendingSignIns, type PendingSignIns } from './pending-sign-ins.ts'
import type { PublicClient } from './public-clients.ts'
import { type Account, createSignedInAccounts, type SignedInAccounts } from './signed-in-accounts.ts'

export const workspaceOptions = {
  'data-dir': { type: 'string' },
  json: { type: 'boolean' },
} as const

/**
 * The longest lifetime that servers give to public clients (atproto.com/specs/oauth, "Tokens and Session Lifetime").
 */
const SESSION_LIFETIME_MS = 14 * 24 * 60 * 60_000

export const WORKSPACE_HELP =
  '  --data-dir FOLDER        where sessions are stored; default ATPROTO_DATA_DIR, then .atproto-auth here'

export interface Workspace {
  /** Path of the store's file. */
  readonly path: string
  readonly accounts: SignedInAccounts
  readonly signIns: PendingSignIns
  /** The options of a client on this store. */
  clientOptions(client: PublicClient, network: NetworkSettings): CommonOptions & StoreOptions
  client(client: PublicClient, network: NetworkSettings): OAuthClient
}

/** Opens the workspace, runs the work in it, and closes it. */
export async function inWorkspace<T>(
  flags: { readonly 'data-dir'?: string | undefined },
  terminal: Terminal,
  work: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  const { close, ...workspace } = await openWorkspace(flags['data-dir'], terminal)
  try {
    return await work(workspace)
  } finally {
    await close()
  }
}

async function openWorkspace(folder: string | undefined, terminal: Terminal) {
  const { env } = terminal
  const directory = resolve(terminal.folder, folder || env.ATPROTO_DATA_DIR || '.atproto-auth')
  await makeDataDirectory(directory)
  const secrets =
    readSecrets(env.ATPROTO_SECRET, { isLoopback: true }) ?? ([await secretIn(directory)] as const)
  const path = join(directory, STORE_FILE)
  const store = createSqliteStore({ path })
  const memory = createClientMemory()
  const background = new Set<Promise<unknown>>()
  const clientOptions: Workspace['clientOptions'] = (clientMetadata, network) => ({
    clientMetadata,
    store,
    secrets,
    memory,
    sessionLifetimeMs: SESSION_LIFETIME_MS,
    ...network,
    onWarning: (message) => terminal.printError(`Warning: ${escapeControls(message)}`),
    waitUntil: (work) => background.add(work),
  })
  return {
    path,
    accounts: createSignedInAccounts({ store, secrets }),
    signIns: createPendingSignIns({ store, secrets }),
    clientOptions,
    client: (client: PublicClient, network: NetworkSettings) =>
      new OAuthClient(clientOptions(client, network)),
    async close() {
      // If the store closed first, a refreshed token could not be saved and the session would end.
      await Promise.allSettled(background)
      await store.close()
    },
  }
}

/** Returns the latest end of the session. The authorization server may end it earlier. */
export function endOf({ signedInAt }: Pick<Account, 'signedInAt'>): Date {
  return new Date(signedInAt + SESSION_LIFETIME_MS)
}
