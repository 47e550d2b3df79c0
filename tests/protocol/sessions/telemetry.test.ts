/** Spans of a sign-in, a call and a refresh, as OpenTelemetry's own SDK collects them. */
import { context, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createNextApp } from '../../support/protocol/next-app.ts'
import { alice, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'

const exporter = new InMemorySpanExporter()

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  )
})
beforeEach(() => exporter.reset())
afterAll(() => {
  trace.disable()
  context.disable()
})

const spans = () => exporter.getFinishedSpans()

it('has one for each step, within the span of the application', async () => {
  await using network = await startScriptedNetwork()
  const app = createNextApp(network)
  await trace.getTracer('app').startActiveSpan('of the application', async (own) => {
    await app.visit().signIn(alice)
    const session = await app.auth.restore(alice.did)
    await session.refresh()
    await session.fetchHandler('/xrpc/com.atproto.server.getSession?canary=query')
    own.end()
  })
  const names = spans().map(({ name }) => name)
  expect(names).toEqual([
    ...['atproto.authorize', 'atproto.callback', 'atproto.refresh', 'atproto.request', 'of the application'],
  ])
  const own = spans().at(-1)?.spanContext().spanId
  expect(
    spans()
      .slice(0, -1)
      .map(({ parentSpanContext }) => parentSpanContext?.spanId),
  ).toEqual([own, own, own, own])
  expect(spans()[3]?.attributes).toEqual({
    'http.request.method': 'GET',
    'server.address': new URL(network.home.pds.origin).host,
    'rpc.method': 'com.atproto.server.getSession',
    'http.response.status_code': 200,
  })
})

it('CK-10 says neither who, nor with what token', async () => {
  await using network = await startScriptedNetwork()
  const app = createNextApp(network)
  await app.visit().signIn(alice)
  await (await app.auth.restore(alice.did)).fetchHandler('/xrpc/a.b.c?who=canary')
  const text = JSON.stringify(
    spans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
  )
  for (const secret of [alice.did, alice.handle, 'canary', ...network.home.as.grants.secrets])
    expect(text).not.toContain(secret)
})

it('has the code of what went wrong', async () => {
  await using network = await startScriptedNetwork()
  const client = await createNextApp(network).auth.client()
  await refusalOf(client.authorize('nobody.test'))
  expect(spans()).toMatchObject([
    {
      name: 'atproto.authorize',
      attributes: { 'error.type': 'identity_not_found' },
      status: { code: SpanStatusCode.ERROR, message: 'identity_not_found' },
    },
  ])
})
