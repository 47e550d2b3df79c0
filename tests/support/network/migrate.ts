/**
 * Moves an account to another PDS as people do it (atproto.com/guides/account-migration): the old server vouches
 * for the account, the new one takes repository and blobs, and the directory then names the new one.
 */
import { AtpAgent } from '@atproto/api'
import type { LocalAccount } from './accounts.ts'
import type { LocalPds } from './local-pds.ts'

/**
 * The account as it is at its new home, under a handle there; at the old one it is deactivated.
 *
 * @param account not yet at `to`
 */
export async function migrateAccount(
  account: LocalAccount,
  from: LocalPds,
  to: LocalPds,
): Promise<LocalAccount> {
  const { did, password } = account
  const handle = `${account.handle.split('.')[0]}${to.handleDomain}`
  const [old, next] = [new AtpAgent({ service: from.url }), new AtpAgent({ service: to.url })]
  await old.login({ identifier: did, password })
  await createAtNewHome({ ...account, handle }, old, { agent: next, serviceDid: to.serviceDid })
  await copyContent(did, old, next)
  await pointDirectory(did, { agent: old, pds: from }, next)
  await next.com.atproto.server.activateAccount()
  await old.com.atproto.server.deactivateAccount({})
  return { ...account, handle, pdsUrl: to.url }
}

/** The account is there, empty and deactivated, and `agent` is signed in to it. */
async function createAtNewHome(
  { did, handle, password }: LocalAccount,
  old: AtpAgent,
  { agent, serviceDid }: { readonly agent: AtpAgent; readonly serviceDid: string },
): Promise<void> {
  const lxm = 'com.atproto.server.createAccount'
  const { data } = await old.com.atproto.server.getServiceAuth({ aud: serviceDid, lxm })
  await agent.com.atproto.server.createAccount(
    { did, handle, email: `${handle.replaceAll('.', '-')}@mail.invalid`, password },
    { headers: { authorization: `Bearer ${data.token}` }, encoding: 'application/json' },
  )
  await agent.login({ identifier: did, password })
}

async function copyContent(did: string, old: AtpAgent, next: AtpAgent): Promise<void> {
  const repo = await old.com.atproto.sync.getRepo({ did })
  await next.com.atproto.repo.importRepo(repo.data, { encoding: 'application/vnd.ipld.car' })
  const missing = await next.com.atproto.repo.listMissingBlobs({})
  for (const { cid } of missing.data.blobs) {
    const { data, headers } = await old.com.atproto.sync.getBlob({ did, cid })
    await next.com.atproto.repo.uploadBlob(data, { encoding: headers['content-type'] ?? '' })
  }
}

/** The old server's key may change the directory's entry; it asks for a code from an e-mail, taken from the live object. */
async function pointDirectory(
  did: string,
  old: { readonly agent: AtpAgent; readonly pds: LocalPds },
  next: AtpAgent,
): Promise<void> {
  const { data: credentials } = await next.com.atproto.identity.getRecommendedDidCredentials()
  if (!isDid(did)) throw new TypeError(`${did} is no DID.`)
  const token = await old.pds.pds.ctx.accountManager.createEmailToken(did, 'plc_operation')
  const { data } = await old.agent.com.atproto.identity.signPlcOperation({ token, ...credentials })
  await next.com.atproto.identity.submitPlcOperation({ operation: data.operation })
}

function isDid(text: string): text is `did:${string}:${string}` {
  return /^did:[a-z]+:./.test(text)
}
