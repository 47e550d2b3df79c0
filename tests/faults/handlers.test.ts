/** What a browser sees of a store that is down: try again, and no cookie is touched. */
import { expect, it } from 'vitest'
import { createConfigLoader } from '../../lib/next/config/load-config.ts'
import { createHandlers } from '../../lib/next/handlers/routes.ts'
import { createRedisStore } from '../../lib/store/redis.ts'
import { openRedis } from '../support/faults/store-place.ts'
import { alice, startScriptedNetwork } from '../support/protocol/scripted-network.ts'

const ORIGIN = 'http://127.0.0.1:3000'
const SECRET = 'Zk4vTq9-mXc2_bRw7.LpYd8~HsJ3+fGn6'

it('S5 every handler that needs the store answers 503 with Retry-After and sets no cookie; later the same request works', async () => {
  await using stack = new AsyncDisposableStack()
  const network = stack.use(await startScriptedNetwork())
  const place = await openRedis('redis', '--appendonly', 'yes', '--appendfsync', 'always')
  stack.defer(() => place.stop())
  const store = createRedisStore({ url: place.address })
  stack.defer(() => store.close())
  const { GET, POST } = createHandlers(
    createConfigLoader({
      publicUrl: ORIGIN,
      secret: SECRET,
      store,
      localNetwork: { plcDirectory: network.plc.origin, handleResolver: network.resolver.origin },
    }),
  )
  const navigate = (path: string, cookie = '') =>
    GET(new Request(ORIGIN + path, { headers: { cookie, 'sec-fetch-mode': 'navigate' } }))
  const submit = (path: string, fields: Record<string, string>, cookie = '') => {
    const headers = { cookie, origin: ORIGIN, 'sec-fetch-site': 'same-origin' }
    return POST(new Request(ORIGIN + path, { method: 'POST', headers, body: new URLSearchParams(fields) }))
  }
  const cookieOf = (response: Response) =>
    response.headers
      .getSetCookie()
      .find((cookie) => !cookie.includes('Max-Age=0'))
      ?.split(';', 1)[0] ?? ''
  const begin = () => submit('/oauth/login', { identifier: alice.handle })
  const comeBack = (response: Response) => {
    const back = network.home.as.approve(new URL(response.headers.get('location') ?? ''), alice.did)
    return back.pathname + back.search
  }

  const first = await begin()
  const session = cookieOf(await navigate(comeBack(first), cookieOf(first)))
  const second = await begin()
  const [callback, flow] = [comeBack(second), cookieOf(second)]
  const requests = [() => begin(), () => navigate(callback, flow), () => submit('/oauth/logout', {}, session)]
  await place.redis.kill()
  for (const request of requests) {
    const response = await request()
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(response.headers.getSetCookie()).toEqual([])
  }
  await place.redis.start()
  await expect
    .poll(() =>
      store.ping().then(
        () => 'back',
        () => 'away',
      ),
    )
    .toBe('back')
  for (const request of requests) {
    const response = await request()
    expect(response.status).toBe(303)
    expect(response.headers.getSetCookie()).not.toEqual([])
  }
})
