/** Which network is meant: the public one, or one on this machine. */
import { z } from 'zod'
import { UsageError } from '../terminal/command.ts'

export const networkSchema = z.object({
  /** Origin; default the public one. */
  plcDirectory: z.string().optional(),
  /** Origin; default DNS and the handle's own website. */
  handleResolver: z.string().optional(),
  /** Whether servers on http and loopback addresses are reached. */
  allowHttp: z.boolean(),
})

export type NetworkSettings = z.infer<typeof networkSchema>

export const networkOptions = {
  'plc-directory': { type: 'string' },
  'handle-resolver': { type: 'string' },
  'allow-http': { type: 'boolean' },
} as const

export const NETWORK_HELP = `  --plc-directory URL      another PLC directory than https://plc.directory
  --handle-resolver URL    ask this XRPC server for handles, instead of DNS and the handle's website
  --allow-http             reach servers on this machine: http and loopback addresses`

interface NetworkFlags {
  readonly 'plc-directory'?: string | undefined
  readonly 'handle-resolver'?: string | undefined
  readonly 'allow-http'?: boolean | undefined
}

/**
 * The settings of a sign-in; its session keeps them.
 *
 * @throws UsageError
 */
export function readNetwork(flags: NetworkFlags): NetworkSettings {
  const allowHttp = flags['allow-http'] ?? false
  return {
    plcDirectory: readOrigin('plc-directory', flags['plc-directory'], allowHttp),
    handleResolver: readOrigin('handle-resolver', flags['handle-resolver'], allowHttp),
    allowHttp,
  }
}

function readOrigin(name: string, text: string | undefined, allowHttp: boolean): string | undefined {
  if (text === undefined) return undefined
  const url = URL.parse(text)
  const isOrigin = url !== null && url.href === `${url.origin}/` && /^https?:$/.test(url.protocol)
  if (!isOrigin)
    throw new UsageError(`--${name} takes the address of a server, such as https://plc.directory.`)
  if (url.protocol === 'http:' && !allowHttp)
    throw new UsageError(`--${name} is http: for a server on this machine add --allow-http.`)
  return url.origin
}
