/** Answers with 400 that are longer or slower than the library reads to find out whether they refuse the token. */
import { expect, it } from 'vitest'
import { signInWarm } from '../../support/protocol/scripted-client.ts'
import { startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'

const ECHO = '/xrpc/com.example.echo'
const json = { 'content-type': 'application/json' }
const page = (bytes: number) => `{"error":"InvalidRequest","message":"${'x'.repeat(bytes)}"}`
/** Fails a test that would otherwise hang. */
const within = <T>(work: Promise<T>, ms = 20_000) =>
  Promise.race([work, new Promise<'hangs'>((done) => setTimeout(() => done('hangs'), ms))])

it.each([60_000, 80_000, 200_000, 1_000_000])(
  'a 400 of %i bytes reaches the caller at once',
  async (bytes) => {
    await using network = await startScriptedNetwork()
    const { session } = await signInWarm(network)
    network.home.pds.answer(ECHO, { status: 400, headers: json, body: page(bytes) })
    const answer = session.fetchHandler(ECHO).then(async (response) => (await response.text()).length)
    expect(await within(answer)).toBe(page(bytes).length)
  },
)

it('session.get is not held up by a 400 of 200,000 bytes', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer(ECHO, { status: 400, headers: json, body: page(200_000) })
  expect(await within(refusalOf(session.get('com.example.echo')))).toMatchObject({
    name: 'XrpcError',
    status: 400,
  })
})

it('the caller’s signal ends the reading of a long 400', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer(ECHO, { status: 400, headers: json, body: page(200_000) })
  const answer = session.fetchHandler(ECHO, { signal: AbortSignal.timeout(300) }).then(
    async (r) => (await r.text()).length,
    (error: Error) => error.name,
  )
  expect(await within(answer)).not.toBe('hangs')
})

it('a 400 whose body stays incomplete is not waited for', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  // The server keeps the connection for five seconds; one that sends a space a minute keeps it for ever.
  network.home.pds.answer(ECHO, {
    status: 400,
    headers: { ...json, 'content-length': '5000' },
    body: '{"error":"x"',
  })
  const status = session.fetchHandler(ECHO).then((response) => response.status)
  expect(await within(status)).toBe(400)
})

it('timeoutMs ends a call that is answered by a long 400', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer(ECHO, { status: 400, headers: json, body: page(200_000) })
  const refusal = refusalOf(session.get('com.example.echo', { timeoutMs: 10_000 }))
  expect(await within(refusal)).toMatchObject({ name: 'XrpcError', status: 400 })
})
