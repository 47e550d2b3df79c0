/** The network to use: the public one, or one on this machine. */
import { z } from 'zod'
import { UsageError } from '../terminal/command.ts'

export const networkSchema = z.object({
  /** Origin of the PLC directory; default the public one. */
  plcDirectory: z.string().optional(),
  /** Origin of a handle resolver; default DNS and the handle's website. */
  handleResolver: z.string().optional(),
  /** Whether http and loopback addresses are allowed. */
  allowHttp: z.boolean(),
})

export type NetworkSettings = z.infer<typeof networkSchema>

export const networkOptions = {
  'plc-directory': { type: 'string' },
  'handle-resolver': { type: 'string' },
  'allow-http': { type: 'boolean' },
} as const

export const NETWORK_HELP = `  --plc-directory URL      PLC directory to use instead of https://plc.directory
  --handle-resolver URL    XRPC server that resolves handles, instead of DNS and the handle's website
  --allow-http             allow servers on this machine: http and loopback addresses`

interface NetworkFlags {
  readonly 'plc-directory'?: string | undefined
  readonly 'handle-resolver'?: string | undefined
  readonly 'allow-http'?: boolean | undefined
}

/**
 * Returns the settings for a sign-in; they are stored with its session.
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
    throw new UsageError(`--${name} must be the address of a server, such as https://plc.directory.`)
  if (url.protocol === 'http:' && !allowHttp)
    throw new UsageError(`--${name} is an http address: for a server on this machine, add --allow-http.`)
  return url.origin
}
