/** Which clients are measured, in the order of the columns. A process loads only the one that it runs. */
import type { Install } from './client.ts'

export const clientNames = [
  'next-atproto-auth',
  '@atproto/oauth-client',
  '@atcute/oauth-node-client',
] as const
export type ClientName = (typeof clientNames)[number]

const modules: Readonly<Record<ClientName, () => Promise<{ readonly install: Install }>>> = {
  'next-atproto-auth': () => import('./ours.ts'),
  '@atproto/oauth-client': () => import('./official.ts'),
  '@atcute/oauth-node-client': () => import('./atcute.ts'),
}

export async function loadClient(name: ClientName): Promise<Install> {
  return (await modules[name]()).install
}
