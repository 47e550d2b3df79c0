import { describe, expect, it } from 'vitest'
import { createPlatformFetch } from '../../../lib/net/platform-fetch.ts'
import { refusalOf } from '../../support/refusal.ts'
import { scriptedFetch } from '../../support/unit/scripted-fetch.ts'

const PDS = 'https://pds.host.dev/x'
const KIB_64 = 64 * 1024
const bounded = ['discovery', 'token'] as const
const never = new Promise<never>(() => undefined)

/** A body that is never at its end. */
function endless(chunk: string, onCancel = () => {}): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      controller.enqueue(new TextEncoder().encode(chunk))
    },
    cancel: onCancel,
  })
}

/** A body of which nothing comes. */
function silent(onCancel = () => {}): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: () => never, cancel: onCancel })
}

/** A body that heeds the signal of its request, as that of a real fetch does. */
function untilAborted(text: string, signal: AbortSignal | null | undefined): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      start(controller) {
        signal?.addEventListener('abort', () => controller.error(signal.reason))
      },
      pull(controller) {
        controller.enqueue(new TextEncoder().encode(text))
        controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}

function over(body: () => BodyInit, idleMs?: number) {
  return createPlatformFetch(scriptedFetch(() => new Response(body())).fetch, {
    allowLoopback: false,
    idleMs,
  })
}

describe.concurrent('the limits of a platform fetch', () => {
  it.each(bounded)('SF-3 let a %s answer of exactly 64 KiB through', async (kind) => {
    const response = await over(() => 'x'.repeat(KIB_64))(PDS, { kind })
    expect((await response.text()).length).toBe(KIB_64)
  })

  it.each(bounded)('SF-3 N7 refuse a %s answer of one byte more', async (kind) => {
    const request = over(() => 'x'.repeat(KIB_64 + 1))(PDS, { kind })
    await expect(request).rejects.toMatchObject({ code: 'response_too_large' })
  })

  it('SF-3 hold an answer to the caller’s smaller cap', async () => {
    const request = over(() => 'x'.repeat(11))(PDS, { kind: 'discovery', maxBytes: 10 })
    await expect(request).rejects.toMatchObject({ code: 'response_too_large' })
  })

  it('SF-3 N7 end an endless answer, and give up its body', async () => {
    const cancelled = Promise.withResolvers<void>()
    const request = over(() => endless('x'.repeat(16_384), cancelled.resolve))(PDS, { kind: 'token' })
    await expect(request).rejects.toMatchObject({ code: 'response_too_large' })
    await cancelled.promise
  })

  it('SF-3 put no cap on a resource', async () => {
    const response = await over(() => 'x'.repeat(1_000_000))(PDS, { kind: 'resource' })
    expect((await response.text()).length).toBe(1_000_000)
  })

  it('SF-3 N7 give discovery its time in all, even while bytes drip in', async () => {
    const request = over(() => endless('.'))(PDS, { kind: 'discovery' })
    await expect(request).rejects.toMatchObject({ code: 'timeout' })
  }, 20_000)

  it('SF-3 hold a fetch to the time that does not heed its signal', async () => {
    const guarded = createPlatformFetch(scriptedFetch(() => never).fetch, { allowLoopback: false })
    await expect(guarded(PDS, { kind: 'discovery' })).rejects.toMatchObject({
      code: 'timeout',
      endpoint: PDS,
    })
  }, 20_000)

  it('SF-3 end a resource of which nothing comes', async () => {
    const guarded = createPlatformFetch(scriptedFetch(() => never).fetch, {
      allowLoopback: false,
      idleMs: 50,
    })
    await expect(guarded(PDS, { kind: 'resource' })).rejects.toMatchObject({ code: 'timeout' })
  })

  it('SF-3 end a resource that falls silent in its body, and give that up', async () => {
    const cancelled = Promise.withResolvers<void>()
    const response = await over(() => silent(cancelled.resolve), 50)(PDS, { kind: 'resource' })
    expect(await refusalOf(response.text())).toMatchObject({ code: 'timeout' })
    await cancelled.promise
  })

  it('SF-3 count no time in which the application does not read', async () => {
    const response = await over(() => 'patient', 50)(PDS, { kind: 'resource' })
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await response.text()).toBe('patient')
  })

  it('SF-3 count no time for a request body that is still being taken when the answer has begun', async () => {
    const { fetch } = scriptedFetch(({ init }) => {
      void new Response(init.body ?? null).text()
      return new Response(untilAborted('early', init.signal))
    })
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        controller.enqueue(new TextEncoder().encode('late'))
        controller.close()
      },
    })
    const guarded = createPlatformFetch(fetch, { allowLoopback: false, idleMs: 50 })
    const response = await guarded(PDS, { kind: 'resource', method: 'POST', body })
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await response.text()).toBe('early')
  })

  it('SF-3 end a body that is being read when the caller gives up, with its own reason', async () => {
    const controller = new AbortController()
    const response = await over(() => silent())(PDS, { kind: 'resource', signal: controller.signal })
    const reading = refusalOf(response.text())
    const reason = new Error('the caller left')
    controller.abort(reason)
    expect(await reading).toBe(reason)
  })

  it('SF-3 hand nothing out after the caller gave up, though it has come already', async () => {
    const controller = new AbortController()
    const response = await over(() => 'come')(PDS, { kind: 'resource', signal: controller.signal })
    const reason = new Error('the caller left')
    controller.abort(reason)
    expect(await refusalOf(response.text())).toBe(reason)
  })

  it.each([
    ['fails at once', () => Promise.reject(new TypeError('fetch failed'))],
    ['follows a redirect', async () => Object.defineProperty(new Response(), 'redirected', { value: true })],
  ])('SF-3 cancel the body of a request whose fetch %s', async (_, fetch) => {
    const guarded = createPlatformFetch(fetch, { allowLoopback: false })
    for (const create of [silent, (onCancel: () => void) => endless('x', onCancel)]) {
      const cancelled = Promise.withResolvers<void>()
      const body = create(cancelled.resolve)
      await refusalOf(guarded(PDS, { kind: 'resource', method: 'POST', body }))
      await cancelled.promise
    }
  })

  it('SF-3 break the body off that a fetch goes on taking after the caller gave up: it is not whole', async () => {
    const controller = new AbortController()
    const taken = Promise.withResolvers<unknown>()
    const fetch: typeof globalThis.fetch = async (_input, init) => {
      const reader = new Response(init?.body ?? null).body?.getReader()
      await reader?.read()
      controller.abort(new Error('the caller left'))
      taken.resolve(reader?.read().catch((error: unknown) => error))
      return never
    }
    const guarded = createPlatformFetch(fetch, { allowLoopback: false })
    const { signal } = controller
    await refusalOf(guarded(PDS, { kind: 'resource', method: 'POST', body: endless('x', () => {}), signal }))
    expect(await taken.promise).toBe(signal.reason)
  })

  it('SF-3 end a request whose caller gives up, though the fetch goes on', async () => {
    const controller = new AbortController()
    const reason = new Error('the caller left')
    const { fetch } = scriptedFetch(() => {
      controller.abort(reason)
      return never
    })
    const guarded = createPlatformFetch(fetch, { allowLoopback: false })
    expect(await refusalOf(guarded(PDS, { kind: 'token', signal: controller.signal }))).toBe(reason)
  })

  it('give up the body of a request that is given up', async () => {
    const cancelled = Promise.withResolvers<void>()
    const controller = new AbortController()
    const { fetch } = scriptedFetch(() => {
      controller.abort()
      return never
    })
    const body = silent(cancelled.resolve)
    const guarded = createPlatformFetch(fetch, { allowLoopback: false })
    const { signal } = controller
    await refusalOf(guarded(PDS, { kind: 'resource', method: 'POST', body, signal }))
    await cancelled.promise
  })

  it('tell the reader that the connection broke', async () => {
    const broken = new ReadableStream({
      pull(controller) {
        controller.error(new TypeError('terminated'))
      },
    })
    const response = await over(() => broken)(PDS, { kind: 'resource' })
    expect(await refusalOf(response.text())).toMatchObject({ code: 'network_error' })
  })
})
