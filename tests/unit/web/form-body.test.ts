import { describe, expect, it } from 'vitest'
import { readForm } from '../../../lib/web/form-body.ts'

const FORM = 'application/x-www-form-urlencoded'
const post = (body: BodyInit | null, type: string | null = FORM) =>
  new Request('https://app.host.dev/oauth/login', {
    method: 'POST',
    body,
    headers: type === null ? {} : { 'content-type': type },
    ...{ duplex: 'half' },
  })

describe('readForm', () => {
  it.each([FORM, `${FORM};charset=UTF-8`, FORM.toUpperCase()])('reads a form of type %s', async (type) => {
    const form = await readForm(post('identifier=%40alice.host.dev&returnTo=%2Fa+b', type))
    expect(Object.fromEntries(form ?? [])).toEqual({ identifier: '@alice.host.dev', returnTo: '/a b' })
  })

  it('reads a form that comes without a length, in pieces that cut a character', async () => {
    const bytes = new TextEncoder().encode('identifier=grüße')
    const byteByByte = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
        controller.close()
      },
    })
    expect((await readForm(post(byteByByte)))?.get('identifier')).toBe('grüße')
  })

  it.each(['', null])('reads no fields from the body %j', async (body) => {
    expect((await readForm(post(body)))?.size).toBe(0)
  })

  it.each(['text/plain', 'application/json', 'multipart/form-data; boundary=x', `text/plain;${FORM}`, ''])(
    'refuses the type %j',
    async (type) => {
      expect(await readForm(post('identifier=x', type))).toBeUndefined()
    },
  )

  it('takes 16 KiB and not a byte more', async () => {
    const [fits, tooLarge] = [16_384, 16_385].map((size) => 'a='.padEnd(size, 'x'))
    expect((await readForm(post(fits ?? '')))?.get('a')).toHaveLength(16_382)
    expect(await readForm(post(tooLarge ?? ''))).toBeUndefined()
  })

  it('stops reading a body without end', async () => {
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1
        controller.enqueue(new Uint8Array(1_024))
      },
    })
    expect(await readForm(post(endless))).toBeUndefined()
    expect(pulled).toBeLessThan(30)
  })
})
