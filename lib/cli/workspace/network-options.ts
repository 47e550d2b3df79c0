/** The network to use: the public one, or one on this machine. */
import { z } from 'zod'
import { ConfigurationError } from '../../errors.ts'
import { parsePrivateHosts } from '../../net/private-hosts.ts'
import { UsageError } from '../terminal/command.ts'
import { readProxy, withFlags } from '../terminal/option-names.ts'

export const networkSchema = z.object({
  /** Origin of the PLC directory; default the public one. */
  plcDirectory: z.string().optional(),
  /** Origin of a handle resolver; default DNS and the handle's website. */
  handleResolver: z.string().optional(),
  /** Whether http and loopback addresses are allowed. */
  allowHttp: z.boolean(),
  /** Hosts that may be at private addresses; rows of earlier versions have no list. */
  privateHosts: z.array(z.string()).optional(),
  /** URL of the HTTP proxy, which may hold a password; as all of the row, it is stored sealed. */
  proxy: z.string().optional(),
})

export type NetworkSettings = z.infer<typeof networkSchema>

export const networkOptions = {
  'plc-directory': { type: 'string' },
  'handle-resolver': { type: 'string' },
  'allow-http': { type: 'boolean' },
  'http-proxy': { type: 'string' },
  'private-host': { type: 'string', multiple: true },
} as const

export const NETWORK_HELP = `  --plc-directory URL      PLC directory to use instead of https://plc.directory
  --handle-resolver URL    XRPC server that resolves handles, instead of DNS and the handle's website
  --allow-http             allow servers on this machine: http and loopback addresses
  --private-host NAME      allow this host to be at private addresses, for example on the same LAN; repeatable
  --http-proxy URL         HTTP proxy through which requests leave, such as http://proxy.internal:3128`

interface NetworkFlags {
  readonly 'plc-directory'?: string | undefined
  readonly 'handle-resolver'?: string | undefined
  readonly 'allow-http'?: boolean | undefined
  readonly 'private-host'?: readonly string[] | undefined
  readonly 'http-proxy'?: string | undefined
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
    privateHosts: readPrivateHosts(flags['private-host'], allowHttp),
    proxy: readProxy(flags['http-proxy']),
  }
}

function readPrivateHosts(
  names: readonly string[] | undefined,
  allowLoopback: boolean,
): string[] | undefined {
  try {
    return names && [...parsePrivateHosts(names, { allowLoopback })]
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    throw new UsageError(withFlags(error.message))
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
