/** Odd JSON in every document that servers send: it is read as JSON says, or refused with an error of ours. */
import { AtprotoAuthError } from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import { createScriptedClient } from '../../support/protocol/scripted-client.ts'
import { alice, type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import type { Answer, ScriptedServer } from '../../support/protocol/scripted-server.ts'

/** What is made of the JSON text that a server would have sent. */
type Spoil = (json: string) => Pick<Answer, 'body' | 'headers'>

const text =
  (change: (json: string) => string): Spoil =>
  (json) => ({ body: change(json) })
/** Puts members before those that belong there. */
const before = (members: string) => text((json) => `{${members},${json.slice(1)}`)
/** Puts members behind those that belong there. */
const behind = (members: string) => text((json) => `${json.slice(0, -1)},${members}}`)
const typed =
  (type: string): Spoil =>
  (json) => ({ body: json, headers: { 'content-type': type } })

/** Read as if nothing were odd. */
const harmless: Readonly<Record<string, Spoil>> = {
  'a byte order mark': text((json) => `\ufeff${json}`),
  'white space around it': text((json) => `\r\n\t ${json} \n`),
  'a __proto__ with members': behind('"__proto__":{"polluted":true,"scope":"x","issuer":"https://evil.dev"}'),
  'a constructor with a prototype': behind('"constructor":{"prototype":{"polluted":true}}'),
  'members named like methods': behind('"toString":1,"valueOf":null,"hasOwnProperty":"x","then":"y"'),
  'numbers beyond 2^53': behind('"big":9007199254740993,"huge":1e400,"negative":-9007199254740993'),
  'a list in a list, 10 000 deep': behind(`"deep":${'['.repeat(10_000)}${']'.repeat(10_000)}`),
  'ten thousand members': behind(Array.from({ length: 5_000 }, (_, index) => `"m${index}":0`).join()),
  'half of a surrogate pair': behind('"half":"\\ud800"'),
  'escapes for every letter': text((json) =>
    json.replace(/"(sub|did|issuer|resource|id|request_uri)"/g, (name) =>
      name.replace(/\w/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`),
    ),
  ),
  'another +json type': typed('application/x.other+json; charset=utf-8'),
  'a member named twice, first wrong': before(
    ['issuer', 'sub', 'id', 'did', 'resource', 'request_uri', 'access_token']
      .map((name) => `"${name}":"evil"`)
      .join(),
  ),
}

/** Refused wherever they stand. */
const refused: Readonly<Record<string, Spoil>> = {
  'a member named twice, last wrong': behind(
    ['issuer', 'sub', 'id', 'did', 'resource', 'request_uri', 'access_token']
      .map((name) => `"${name}":7`)
      .join(),
  ),
  'a list in a list, 100 000 deep': behind(`"deep":${'['.repeat(100_000)}${']'.repeat(100_000)}`),
  'an object in an object, 100 000 deep': behind(`"deep":${'{"a":'.repeat(100_000)}0${'}'.repeat(100_000)}`),
  'nothing but brackets, 30 000 deep': text(() => '['.repeat(30_000)),
  'something behind its end': text((json) => `${json}{}`),
  'a comma too many': text((json) => `${json.slice(0, -1)},}`),
  'a comment': text((json) => `/* hello */${json}`),
  'single quotes': text((json) => json.replaceAll('"', "'")),
  'NaN as a value': behind('"odd":NaN'),
  'a zero byte': text((json) => `${json}\u0000`),
  'UTF-16': (json) => ({ body: Buffer.from(json, 'utf16le') }),
  'a list around it': text((json) => `[${json}]`),
  'null in its place': text(() => 'null'),
  'no content': text(() => ''),
  'the type text/html': typed('text/html'),
  'the type text/json': typed('text/json'),
  'no type': (json) => ({ body: json, headers: { 'content-type': '' } }),
}

/** Who sends it, and where. */
const documents: Readonly<Record<string, (network: ScriptedNetwork) => readonly [ScriptedServer, string]>> = {
  'the handle resolver': ({ resolver }) => [resolver, '/xrpc/com.atproto.identity.resolveHandle'],
  'the DID document': ({ plc }) => [plc, `/${alice.did}`],
  'the resource metadata': ({ home }) => [home.pds, '/.well-known/oauth-protected-resource'],
  'the server metadata': ({ home }) => [home.as, '/.well-known/oauth-authorization-server'],
  'the PAR answer': ({ home }) => [home.as, '/oauth/par'],
  'the token answer': ({ home }) => [home.as, '/oauth/token'],
}

function serveSpoilt(server: ScriptedServer, path: string, spoil: Spoil): void {
  server.answer(path, async (_, usual) => {
    const { json, headers, ...answer } = await usual()
    const spoilt = spoil(JSON.stringify(json))
    return {
      ...answer,
      ...spoilt,
      headers: { 'content-type': 'application/json', ...headers, ...spoilt.headers },
    }
  })
}

/** A whole sign-in with a renewal; the account that it is for. */
async function signInAndRenew(network: ScriptedNetwork): Promise<string> {
  const client = createScriptedClient(network)
  const { url } = await client.start(alice.handle)
  const { session } = await client.callback(network.home.as.approve(url, alice.did).searchParams)
  await session.refresh()
  return session.did
}

const cases = (spoils: Readonly<Record<string, Spoil>>) =>
  Object.entries(documents).flatMap(([document, place]) =>
    Object.entries(spoils).map(([what, spoil]) => [document, what, place, spoil] as const),
  )

it.each(cases(harmless))(
  'N8 SF-6 signs in although %s comes with %s',
  async (_document, _what, place, spoil) => {
    await using network = await startScriptedNetwork()
    serveSpoilt(...place(network), spoil)
    expect(await signInAndRenew(network)).toBe(alice.did)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    expect(network.violations).toEqual([])
  },
)

it.each(cases(refused))(
  'N8 SF-6 makes no session when %s comes with %s',
  async (_document, _what, place, spoil) => {
    await using network = await startScriptedNetwork()
    serveSpoilt(...place(network), spoil)
    const outcome = await signInAndRenew(network).catch((error: unknown) => error)
    expect(outcome).toBeInstanceOf(AtprotoAuthError)
    expect(outcome).not.toMatchObject({ code: 'store_unavailable' })
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  },
)
