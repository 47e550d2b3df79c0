import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readJson } from '../../../lib/net/read-json.ts'

const schema = z.object({ name: z.string(), list: z.array(z.object({ id: z.number() })).optional() })
const answer = (body: string, type: string | null = 'application/json') =>
  new Response(body, { headers: type === null ? {} : { 'content-type': type } })
const read = (response: Response) => readJson(response, schema, 'https://as.host.dev')
const failureOf = (response: Response): Promise<unknown> => read(response).catch((error: unknown) => error)

describe('readJson', () => {
  it('reads the fields of the schema and drops the others', async () => {
    expect(await read(answer('{"name":"x","extra":1}'))).toEqual({ name: 'x' })
  })

  const types = [
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset=UTF-8',
    'application/did+ld+json',
    'application/vnd.api+json',
    'application/problem+json ; x=y',
  ]
  it.each(types)('takes %s for JSON', async (type) => {
    expect(await read(answer('{"name":"x"}', type))).toEqual({ name: 'x' })
  })

  const others = [
    'text/html',
    'text/plain',
    'text/json',
    'application/jsonp',
    'application/javascript',
    'application/+json',
    'application/json5',
    'application/json, text/html',
    'application/octet-stream',
    '',
  ]
  it.each(others)('refuses JSON that is labelled %j', async (type) => {
    await expect(read(answer('{"name":"x"}', type))).rejects.toMatchObject({ code: 'invalid_response' })
  })

  it.each([
    ['text/html; charset=utf-8', 'type "text/html"'],
    ['text/plain', 'type "text/plain"'],
    ['text/CANARY-token', 'an unusual type'],
    [`text/${'x'.repeat(1_000)}`, 'an unusual type'],
  ])('SF-6 names only common types, because any other may quote a secret: %s', async (type, named) => {
    await expect(read(answer('{}', type))).rejects.toThrow(`answered with ${named} instead of JSON`)
  })

  it('refuses a body without a type', async () => {
    const body = new TextEncoder().encode('{"name":"x"}')
    await expect(read(new Response(body))).rejects.toThrow('answered with no type instead of JSON')
  })

  it.each(['', '{', 'null', '[]', '"x"', '{"name":1}', '{}', '{"name":"x"} {}', '\u0000'])(
    'refuses the body %j',
    async (body) => {
      await expect(read(answer(body))).rejects.toMatchObject({ code: 'invalid_response' })
    },
  )

  it('names the first field that is wrong, with its path', async () => {
    await expect(read(answer('{"name":"x","list":[{"id":1},{"id":"2"}]}'))).rejects.toThrow(
      'https://as.host.dev: list.1.id is not as required (invalid_type)',
    )
  })

  it('does not quote a malformed body, which may hold a token', async () => {
    const error = await failureOf(answer('{"access_token":"token-canary",'))
    expect(inspect(error, { depth: 9 })).not.toContain('canary')
  })

  it('does not quote a value of the wrong type', async () => {
    const error = await failureOf(answer('{"name":["token-canary"]}'))
    expect(inspect(error, { depth: 9 })).not.toContain('canary')
  })

  it('shortens and quotes the type that a server made up', async () => {
    const error = await failureOf(answer('{}', `text/x\u001b[31m${'y'.repeat(500)}`.replace('\u001b', ' ')))
    expect(inspect(error).length).toBeLessThan(2_000)
  })

  it('is not polluted by __proto__ in the body', async () => {
    const read = await readJson(answer('{"name":"x","__proto__":{"polluted":1}}'), schema, 'x')
    expect([Reflect.get(read, 'polluted'), Reflect.get({}, 'polluted')]).toEqual([undefined, undefined])
  })

  it('survives a body nested as deep as 64 KiB allow', async () => {
    const deep = `{"name":${'['.repeat(30_000)}${']'.repeat(30_000)}}`
    await expect(read(answer(deep))).rejects.toMatchObject({ code: 'invalid_response' })
  })
})
