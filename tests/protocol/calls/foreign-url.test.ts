/** R1: a token goes to the session's PDS and nowhere else, however a URL is spelled. */
import type { OAuthSession } from 'next-atproto-auth/oauth'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Home } from '../../../lib/testing/servers/pds-and-server.ts'
import { signInWarm } from '../../support/protocol/scripted-client.ts'
import { type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'

/** Spellings that leave the PDS for `evil`, or would in some parser. `PDS` is the host and port of the PDS. */
const spellings = [
  ...[
    'http://EVIL/x',
    'https://EVIL/x',
    'HTTP://EVIL/x',
    'hTtP:\\\\EVIL\\x',
    'http:/\\EVIL/x',
    'http:\\/EVIL/x',
  ],
  ...[
    '//EVIL/x',
    '///EVIL/x',
    '////EVIL/x',
    '\\\\EVIL\\x',
    '/\\EVIL/x',
    '\\/EVIL/x',
    '/\\/EVIL/x',
    '\\\\\\EVIL',
  ],
  ...['/\t/EVIL/x', '/\n/EVIL/x', '/\r/EVIL/x', '\t//EVIL/x', '\n//EVIL/x', ' //EVIL/x', '\u0000//EVIL/x'],
  ...[
    '\u001f//EVIL/x',
    'ht\ntp://EVIL/x',
    'http:\t//EVIL/x',
    ' http://EVIL/x',
    '/\t\\EVIL/x',
    '\\\t\\EVIL/x',
  ],
  ...['http://PDS@EVIL/x', 'http://PDS:pw@EVIL/x', '//PDS@EVIL/x', 'http://PDS%40EVIL/x'],
  ...[
    'http://user@PDS/x',
    'http://user:pass@PDS/x',
    '//user@PDS/x',
    'https://PDS/x',
    'ws://PDS/x',
    'wss://EVIL/x',
  ],
  ...['ftp://EVIL/x', 'file:///etc/passwd', 'javascript:alert(1)', 'data:text/plain,x', 'blob:http://EVIL/x'],
  ...[
    'http://PDS.evil.example/x',
    'http://PDS0/x',
    '//localhost/x',
    '//[::1]/x',
    '//0x7f000001/x',
    '//127.1/x',
  ],
  ...[
    '//evil.example/x',
    '//evil\u3002example/x',
    'http://\uff45vil.example/x',
    'http://EVIL',
    '//EVIL?PDS',
    '//EVIL#PDS',
  ],
]
/** The same, hidden behind a path that is resolved once more: `/.//host` is the path `//host`. */
const hidden = [
  ...[
    '/.//EVIL/x',
    '/..//EVIL/x',
    './/EVIL/x',
    '/a/..//EVIL/x',
    '/%2e//EVIL/x',
    '/%2e%2e//EVIL/x',
    '/.\\/EVIL/x',
  ],
  ...[
    '/.//\\EVIL/x',
    '/./\\EVIL/x',
    '/.\t//EVIL/x',
    'http://PDS//EVIL/x',
    'http://PDS/.//EVIL/x',
    '//PDS//EVIL/x',
  ],
  ...[
    'http:.//EVIL/x',
    'blob:http://PDS//EVIL/x',
    '/xrpc/../..//EVIL/x',
    '/.//user@EVIL/x',
    '/.//evil.example/x',
  ],
  'http://PDS\\@EVIL/x',
]

let network: ScriptedNetwork
let session: OAuthSession
let evil: Home
beforeAll(async () => {
  network = await startScriptedNetwork()
  session = (await signInWarm(network)).session
  evil = await network.addHome()
  evil.pds.answer('*', { json: {} })
})
afterAll(() => network[Symbol.asyncDispose]())

/** Sends a request there; the error, if any, and the origins that requests came to. */
async function sendTo(spelling: string) {
  const hostOf = (origin: string) => new URL(origin).host
  const url = spelling.replaceAll('EVIL', hostOf(evil.pds.origin)).replaceAll('PDS', hostOf(session.pds))
  const before = network.requests.length
  const error = await session.fetchHandler(url).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return { error, origins: network.requests.slice(before).map(({ origin }) => origin) }
}

it.each(spellings)('R1 refuses %j before anything is signed or sent', async (spelling) => {
  const { error, origins } = await sendTo(spelling)
  expect(error).toMatchObject({ code: 'foreign_origin' })
  expect(origins).toEqual([])
})

it.each(hidden)('R1 lets %j reach no host but the PDS', async (spelling) => {
  const { error, origins } = await sendTo(spelling)
  expect(origins).toEqual(error ? [] : [session.pds])
})

it('R1 takes paths and URLs of the PDS itself', async () => {
  const target = '/xrpc/com.example.echo?a=1&b=%2F%2Fx'
  for (const url of [target, target.slice(1), session.pds + target, `${target}#fragment`]) {
    const response = await session.fetchHandler(url)
    expect(await response.json()).toMatchObject({ target })
  }
  expect(network.violations).toEqual([])
})

it('R1 sends paths as they are: an empty segment stays a path', async () => {
  const response = await session.fetchHandler(`${session.pds}//xrpc/com.example.echo`)
  expect(await response.json()).toMatchObject({ target: '//xrpc/com.example.echo' })
})
