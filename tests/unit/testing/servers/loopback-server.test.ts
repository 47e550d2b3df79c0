import { expect, it, onTestFinished } from 'vitest'
import { closeServer, listenOnLoopback } from '../../../../lib/testing/servers/loopback-server.ts'

it('the servers of a test network can be reached from no other machine', async () => {
  const server = await listenOnLoopback(0)
  onTestFinished(() => closeServer(server))
  expect(server.address()).toMatchObject({ address: '127.0.0.1' })
})
