/** The secrets of a session: printed when they are asked for, for a script to live on, and else never. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseEnv } from 'node:util'
import { dpopGet, jwkToKey, refreshTokens } from 'next-atproto-auth/oauth'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readSecretsIn } from '../support/kept-secrets.ts'
import { countRefreshes } from '../support/network/hooks.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'
import { openShell } from '../support/shell.ts'
import { SHORT_MS, signedInBriefly, signInAt } from '../support/shell-sign-in.ts'

// Each process takes a second, and several on a busy machine.
vi.setConfig({ testTimeout: 180_000 })

let network: LocalNetwork
beforeAll(async () => {
  network = await startNetwork()
})
afterAll(() => network.stop())

describe('--env', () => {
  it('prints what a script lives on: it refreshes and calls with that alone', async () => {
    const shell = openShell()
    const { stdout } = await signInAt(shell, { network, name: 'bob', flags: ['--env'] })
    const env = parseEnv(stdout)
    expect(
      Object.keys(env)
        .toSorted()
        .map((name) => name.replace('ATPROTO_OAUTH_', '')),
    ).toEqual(['CLIENT_ID', 'DID', 'DPOP_PRIVATE_JWK', 'PDS_ISSUER', 'REFRESH_TOKEN'])
    const { localNetwork } = network
    const key = await jwkToKey(env.ATPROTO_OAUTH_DPOP_PRIVATE_JWK)
    const issuer = env.ATPROTO_OAUTH_PDS_ISSUER ?? ''
    const { accessToken } = await refreshTokens({
      issuer,
      key,
      localNetwork,
      refreshToken: env.ATPROTO_OAUTH_REFRESH_TOKEN ?? '',
      clientId: env.ATPROTO_OAUTH_CLIENT_ID ?? '',
    })
    const url = `${issuer}/xrpc/com.atproto.server.getSession`
    const { response } = await dpopGet({ url, key, accessToken, localNetwork })
    expect(await response.json()).toMatchObject({ did: env.ATPROTO_OAUTH_DID })
  })

  it('is understood by a shell as it is by a parser', async () => {
    const { stdout } = await signInAt(openShell(), { network, flags: ['--env'] })
    const printed = openShell()
    writeFileSync(join(printed.folder, '.env'), stdout)
    const script = 'set -a; . ./.env; printf %s "$ATPROTO_OAUTH_DPOP_PRIVATE_JWK"'
    const jwk = execFileSync('sh', ['-c', script], { cwd: printed.folder, encoding: 'utf8' })
    expect(JSON.parse(jwk)).toMatchObject({ kty: 'EC', d: expect.any(String) })
  })

  it('gives the session away: it is used here while its token lives, and never renewed', async () => {
    const shell = openShell()
    await signInAt(shell, { network, flags: ['--env'] })
    expect(await shell.run(['whoami'])).toMatchObject({ code: 0 })

    const brief = await signedInBriefly(network, ['--env', '--json'])
    await sleep(SHORT_MS)
    network.pds[0].requests.clear()
    const { code, stderr } = await brief.shell.run(['whoami'])
    expect([code, stderr]).toEqual([3, expect.stringMatching(/printed with --env.*\[session_ended\]\n$/)])
    expect(countRefreshes(network.pds[0])).toBe(0)
    const env = Object(JSON.parse(brief.stdout))
    const { localNetwork } = network
    const refreshed = await refreshTokens({
      issuer: env.ATPROTO_OAUTH_PDS_ISSUER,
      refreshToken: env.ATPROTO_OAUTH_REFRESH_TOKEN,
      key: await jwkToKey(env.ATPROTO_OAUTH_DPOP_PRIVATE_JWK),
      clientId: env.ATPROTO_OAUTH_CLIENT_ID,
      localNetwork,
    })
    expect(refreshed.sub).toBe(network.accounts.alice.did)
  })

  it('S2 does not spend the refresh token here when the other program has refreshed, and its access token is refused', async () => {
    const shell = openShell()
    const { stdout } = await signInAt(shell, { network, name: 'carol', flags: ['--env', '--json'] })
    const env = Object(JSON.parse(stdout))
    const issuer: string = env.ATPROTO_OAUTH_PDS_ISSUER
    const refresh = async (refreshToken: string) => {
      const key = await jwkToKey(env.ATPROTO_OAUTH_DPOP_PRIVATE_JWK)
      const { localNetwork } = network
      return refreshTokens({ issuer, key, localNetwork, refreshToken, clientId: env.ATPROTO_OAUTH_CLIENT_ID })
    }
    const first = await refresh(env.ATPROTO_OAUTH_REFRESH_TOKEN)
    const { code, stderr } = await shell.run(['whoami'])
    expect([code, stderr]).toEqual([3, expect.stringMatching(/printed with --env.*\[session_ended\]\n$/)])
    expect(await refresh(first.refreshToken ?? '')).toMatchObject({ sub: env.ATPROTO_OAUTH_DID })
  })
})

describe('what is shown', () => {
  it('holds no token, key, session id or secret, whatever command is run, unless it is asked for', async () => {
    const { shell } = await signedInBriefly(network)
    const { clientId, account } = await signInAt(shell, { network, name: 'carol' })
    const kept = { folder: join(shell.folder, '.atproto-auth'), clientId }
    const before = await readSecretsIn({ ...kept, account: network.accounts.alice })
    await sleep(SHORT_MS)
    await shell.run(['whoami', '--did', 'alice.test', '--json'])
    await shell.run(['accounts'])
    await shell.run(['get', 'com.atproto.server.getSession'])
    const after = await readSecretsIn({ ...kept, account: network.accounts.alice })
    const others = await readSecretsIn({ ...kept, account })
    await shell.run(['logout', '--all'])
    const secrets = new Set([...before, ...after, ...others])
    // The secret, two sessions of four values each, and the two tokens that the renewal gave.
    expect(secrets.size).toBe(11)
    expect([...secrets].filter((secret) => shell.shown().includes(secret))).toEqual([])
    await signInAt(shell, { network, name: 'carol', flags: ['--env'] })
    const printed = await readSecretsIn({ ...kept, account })
    expect(printed.filter((secret) => shell.shown().includes(secret))).toHaveLength(2)
  })
})
