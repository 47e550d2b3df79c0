/** What the commands that sign in share: the data folder with its store, and clients on it; open for one call. */
import { join, resolve } from 'node:path'
import { readSecrets } from '../../config/secrets.ts'
import { OAuthClient } from '../../oauth/client.ts'
import type { CommonOptions, StoreOptions } from '../../oauth/client-options.ts'
import { makeDataDirectory, STORE_FILE, secretIn } from '../../store/data-directory.ts'
import { createSqliteStore } from '../../store/sqlite.ts'
import type { Terminal } from '../terminal/command.ts'
import { oneLine } from '../terminal/output.ts'
import { type Account, type AccountRows, createAccountRows } from './account-rows.ts'
import type { NetworkSettings } from './network-settings.ts'
import type { PublicClient } from './public-clients.ts'
import { createSignInRows, type SignInRows } from './sign-in-rows.ts'

export const workspaceOptions = {
  'data-dir': { type: 'string' },
  json: { type: 'boolean' },
} as const

/**
 * Of every session: the clients of the command line are public ones, to which servers grant no more
 * (atproto.com/specs/oauth, "Tokens and Session Lifetime").
 */
const SESSION_LIFETIME_MS = 14 * 24 * 60 * 60_000

export const WORKSPACE_HELP =
  '  --data-dir FOLDER        where sessions are kept; default ATPROTO_DATA_DIR, then .atproto-auth here'

export interface Workspace {
  /** The store's file. */
  readonly path: string
  readonly accounts: AccountRows
  readonly signIns: SignInRows
  /** What a client on this store is made of. */
  clientOptions(client: PublicClient, network: NetworkSettings): CommonOptions & StoreOptions
  client(client: PublicClient, network: NetworkSettings): OAuthClient
  /** Resolves when work that nobody waited for, such as an early refresh, is done. */
  settle(): Promise<void>
}

/** What the work gives, on the workspace of this call. */
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
  const underWay = new Set<Promise<unknown>>()
  const clientOptions: Workspace['clientOptions'] = (clientMetadata, network) => ({
    ...{ clientMetadata, store, secrets, sessionLifetimeMs: SESSION_LIFETIME_MS },
    ...network,
    onWarning: (message) => terminal.complain(`Warning: ${oneLine(message)}`),
    waitUntil: (work) => underWay.add(work),
  })
  const settle = async () => {
    await Promise.allSettled(underWay)
  }
  return {
    path,
    accounts: createAccountRows({ store, secrets }),
    signIns: createSignInRows({ store, secrets }),
    clientOptions,
    client: (...given: Parameters<typeof clientOptions>) => new OAuthClient(clientOptions(...given)),
    settle,
    async close() {
      // A renewed token that finds the store closed would be lost, and the session with it.
      await settle()
      await store.close()
    },
  }
}

/** When the account has to sign in again at the latest; its server may end the session earlier. */
export function endOf({ signedInAt }: Pick<Account, 'signedInAt'>): Date {
  return new Date(signedInAt + SESSION_LIFETIME_MS)
}
