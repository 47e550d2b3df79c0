/** One of several processes of an application that share its sessions. */
import { type Peer, type Process, peers, type Servers } from './peers.ts'

export type RaceCommand =
  | { readonly name: 'authorize' }
  | { readonly name: 'callback'; readonly search: string }
  /** Restores the session and calls the PDS. */
  | { readonly name: 'call' }

const [name, file = '', servers = ''] = process.argv.slice(2)
const network: Servers = JSON.parse(servers)
const peer: Peer | undefined = peers.find((candidate) => candidate.name === name)
const client: Process | undefined = peer?.install(network, file)()

async function answer(command: RaceCommand): Promise<unknown> {
  if (!client) throw new Error(`There is no client ${name}.`)
  if (command.name === 'authorize') return (await client.authorize()).href
  if (command.name === 'callback') return void (await client.callback(new URLSearchParams(command.search)))
  return (await (await client.restore())('/xrpc/com.example.echo')).status
}

process.on('message', async (command: RaceCommand) => {
  const result = await answer(command).catch((error: unknown) => String(error))
  process.send?.({ result })
})
process.send?.({ result: 'ready' })
