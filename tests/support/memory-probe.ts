/**
 * Run as a process of its own, with `--expose-gc`: how much its resident size grows while hostile servers answer it.
 * It prints the growth in MiB.
 *
 * Arguments: what is done, and how often.
 */
import { describeServer, discoverServer } from '../../lib/identity/discover-server.ts'
import { createIdentityCaches } from '../../lib/identity/identity-caches.ts'
import { type IdentityDeps, resolveAccount } from '../../lib/identity/resolve-account.ts'
import { createGuardedFetch, type GuardedFetch } from '../../lib/net/guarded-fetch.ts'
import { createServerState } from '../../lib/oauth/server/server-state.ts'

const MIB = 1024 * 1024
/** What an answer may hold at most. */
const ROOM = 60 * 1024
const NOW = Date.UTC(2026, 0, 1)

const json = (text: string) => new Response(text, { headers: { 'content-type': 'application/json' } })
/** Lists for as many short strings as an answer has room for: they take many times its size in memory. */
const emptyTexts = `${'"",'.repeat(ROOM / 3)}""`
const names = Array.from(
  { length: ROOM / 8 },
  (_, index) => `"${index.toString(36).padStart(5, '_')}"`,
).join()
const longPath = 'x'.repeat(ROOM)

function depsOf(fetch: GuardedFetch): IdentityDeps {
  const caches = createIdentityCaches()
  const resolveTxt = async () => []
  return {
    fetch,
    caches,
    resolveTxt,
    plcDirectory: 'https://plc.host.dev',
    allowLoopback: false,
    now: () => NOW,
  }
}

/** What a server of the profile says of itself, with more members. */
const metadataOf = (issuer: string, more: string) => `{
  "issuer": "${issuer}",
  "authorization_endpoint": "${issuer}/authorize",
  "pushed_authorization_request_endpoint": "${issuer}/par",
  "client_id_metadata_document_supported": true,
  "authorization_response_iss_parameter_supported": true,
  ${more}
}`

/** Answers with the largest documents that are still taken for documents. */
const hostileFetch: GuardedFetch = async (input) => {
  const { origin, hostname, pathname } = new URL(input)
  if (pathname === '/.well-known/atproto-did') return new Response(`did:web:${hostname}`)
  if (pathname === '/.well-known/did.json') {
    const service = `{ "id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": "${origin}" }`
    return json(
      `{ "id": "did:web:${hostname}", "alsoKnownAs": ["at://${hostname}", ${names}], "service": [${service}] }`,
    )
  }
  if (pathname === '/.well-known/oauth-protected-resource')
    return json(
      `{ "resource": "${origin}", "authorization_servers": ["${origin}"], "scopes_supported": [${names}] }`,
    )
  const texts = hostname.length % 2 ? names : emptyTexts
  const more = `"token_endpoint": "${origin}/token", "code_challenge_methods_supported": ["S256", ${texts}]`
  return json(metadataOf(origin, more))
}

/**
 * Each gives back what must not grow, so that it is still there when the size is taken. A document that is refused is
 * one that is not kept.
 */
const works: Readonly<Record<string, (times: number) => Promise<unknown>>> = {
  /** That many accounts of a hostile operator, each with a document as long as is read. */
  async accounts(times) {
    const deps = depsOf(hostileFetch)
    for (let index = 0; index < times; index += 1)
      await resolveAccount(`a${index}.evil.dev`, deps).catch(() => undefined)
    return deps
  },
  /** That many of its servers, whose metadata lists as much as is read. */
  async servers(times) {
    const deps = depsOf(hostileFetch)
    for (let index = 0; index < times; index += 1)
      await discoverServer(`https://a${index}.evil.dev`, 'none', deps).catch(() => undefined)
    return deps
  },
  /** Issuers as long as an answer has room for. */
  async 'long issuers'(times) {
    const deps = depsOf(async (input) => {
      const { origin, hostname } = new URL(input)
      return json(`{ "resource": "${origin}", "authorization_servers": ["https://${longPath}.${hostname}"] }`)
    })
    for (let index = 0; index < times; index += 1)
      await discoverServer(`https://a${index}.evil.dev`, 'none', deps).catch(() => undefined)
    return deps
  },
  /** Endpoints as long as an answer has room for. */
  async 'long endpoints'(times) {
    const deps = depsOf(async (input) => {
      const { origin } = new URL(input)
      return json(metadataOf(origin, `"token_endpoint": "${origin}/${longPath}"`))
    })
    for (let index = 0; index < times; index += 1) {
      const issuer = `https://a${index}.evil.dev`
      await describeServer({ issuer, pds: undefined, authMethod: 'none' }, deps).catch(() => undefined)
    }
    return deps
  },
  /** That many servers with the longest nonces, odd clocks and pauses. */
  async nonces(times) {
    const servers = createServerState()
    const headers = {
      'dpop-nonce': 'x'.repeat(256),
      'retry-after': '3600',
      date: 'Thu, 01 Jan 2026 01:00:00 GMT',
    }
    const response = new Response(null, { headers })
    for (let index = 0; index < times; index += 1) {
      const origin = `https://a${index}.evil.dev`
      servers.rememberNonce(origin, response, NOW)
      servers.rememberClock(origin, response, NOW)
      servers.rememberPause(origin, response, NOW)
    }
    return servers
  },
  /** Answers without end, at the address in the environment. */
  async 'endless answers'(times) {
    const fetch = createGuardedFetch({ localNetwork: {} })
    for (let index = 0; index < times; index += 1)
      await fetch(process.env.HOSTILE_SERVER ?? '', { kind: 'discovery' }).catch(() => undefined)
    return fetch
  },
}

/** Resident size, after garbage was collected twice: what the first round frees, the second gives back. */
function residentMib(): number {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage.rss() / MIB
}

const [what = '', times = '0'] = process.argv.slice(2)
const work = works[what]
if (!work || !globalThis.gc) throw new TypeError('Usage: node --expose-gc memory-probe.ts <work> <times>')
// Compiled code and pools are there after a few rounds; they do not grow with the number of servers.
await work(50)
const before = residentMib()
const held = await work(Number(times))
console.log((residentMib() - before).toFixed(1), typeof held)
