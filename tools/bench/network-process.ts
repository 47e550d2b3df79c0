/** The servers of the benchmark in a process of their own, so that their work is not counted as a client's. */
import { alice, startScriptedNetwork } from '../../tests/support/protocol/scripted-network.ts'
import type { Script } from '../../tests/support/protocol/scripted-server.ts'

export type Command =
  | { readonly name: 'approve'; readonly url: string }
  /** How many requests came since the last time. */
  | { readonly name: 'count' }
  /** Adds so much to every answer from now on. */
  | { readonly name: 'delay'; readonly ms: number }
  | { readonly name: 'stop' }

const [lifetimeMs] = process.argv.slice(2).map(Number)
const network = await startScriptedNetwork({ ...(lifetimeMs && { lifetimeMs }), hasRealClock: true })
const { plc, resolver, home } = network
let counted = 0

function answer(command: Command): unknown {
  if (command.name === 'approve') return home.as.approve(new URL(command.url), alice.did).search
  if (command.name === 'count') {
    const count = network.requests.length - counted
    counted = network.requests.length
    return count
  }
  if (command.name === 'delay') {
    const late: Script = async (_, usual) => {
      await new Promise((resolve) => setTimeout(resolve, command.ms))
      return usual()
    }
    for (const server of [plc, resolver, home.as, home.pds]) server.answer('*', late)
    return undefined
  }
  process.disconnect()
  return network[Symbol.asyncDispose]()
}

process.on('message', async (command: Command) => {
  const result = await answer(command)
  if (process.connected) process.send?.({ result })
})
process.send?.({ result: { plc: plc.origin, resolver: resolver.origin, ...alice } })
