import { describe, expect, it } from 'vitest'
import { readBytes } from '../../../lib/net/read-bytes.ts'

describe('readBytes', () => {
  it('joins what comes in pieces', async () => {
    const pieces = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of [[1, 2], [], [3]]) controller.enqueue(new Uint8Array(piece))
        controller.close()
      },
    })
    expect(await readBytes(new Response(pieces), 3, 'x')).toEqual(new Uint8Array([1, 2, 3]))
  })

  it('is empty without a body', async () => {
    expect(await readBytes(new Response(null), 3, 'x')).toEqual(new Uint8Array())
  })

  it('stops reading one byte above the limit', async () => {
    let cancelled = false
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1_000)),
      cancel: () => {
        cancelled = true
      },
    })
    const outcome = readBytes(new Response(endless), 10_000, 'https://pds.host.dev')
    await expect(outcome).rejects.toMatchObject({ code: 'response_too_large' })
    expect(cancelled).toBe(true)
  })
})
