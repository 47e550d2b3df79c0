/** What `createAtprotoAuth()` is given, and whether it has the form that it needs. */
import 'server-only'
import { z } from 'zod'
import type { LocalNetwork } from '../oauth/client-options.ts'
import type { Store } from '../store/contract.ts'
import type { Secrets } from './cookie.ts'
import type { AuthHooks } from './hooks.ts'
import type { Logger } from './log.ts'
import type { LoginLimitOptions } from './login-limits.ts'

export interface AtprotoAuthOptions extends AuthHooks, LoginLimitOptions {
  /** Name of the application on consent screens. */
  readonly clientName?: string | undefined
  /** Every scope the application will ever ask for, space-separated; default `atproto`: sign-in alone. */
  readonly scope?: string | undefined
  /**
   * What a sign-in asks for: `atproto` and some of `scope`, default all of it. The rest is asked for where
   * `requireSession({ scope })` needs it.
   */
  readonly signInScope?: string | undefined
  /**
   * Address under which browsers reach the application: its origin, and Next's `basePath` if it has one. Default
   * PUBLIC_URL, then what Vercel says, under `next dev` `http://127.0.0.1:PORT`. A loopback address makes a public
   * client for development, any other https address a confidential client.
   */
  readonly publicUrl?: string | undefined
  /** At least 32 random characters, or a list of such, newest first; default ATPROTO_SECRET. */
  readonly secret?: string | Secrets | undefined
  /** Private ES256 keys: JWK, list, JWKS, the JSON text of these, or PEM; default ATPROTO_CLIENT_KEYS. */
  readonly clientKeys?: unknown
  /**
   * Where sessions are kept; default by the environment: KV_REST_API_URL (or UPSTASH_REDIS_REST_URL) with its token,
   * then REDIS_URL, else a SQLite file in ATPROTO_DATA_DIR or `.atproto-auth`.
   */
  readonly store?: Store | undefined
  /** How long a session lives at most, in milliseconds; default 180 days, 14 for the client of development. */
  readonly sessionLifetimeMs?: number | undefined
  /** How long a session lives without being used, in milliseconds; default 30 days. */
  readonly sessionIdleMs?: number | undefined
  /** Path under which `auth.handlers` is mounted; default `/oauth`. As all paths, without Next's own `basePath`. */
  readonly basePath?: string | undefined
  /** Path of the sign-in page; default the handlers' own plain one, `/oauth/login`. */
  readonly signInPage?: string | undefined
  /** Where people go after signing in when nothing else was asked for; default `/`. */
  readonly afterSignIn?: string | undefined
  /** Where people go after signing out when nothing else was asked for; default `/`. */
  readonly afterSignOut?: string | undefined
  /** Logo on consent screens: an https URL, or a path of this application. */
  readonly logoUri?: string | undefined
  /** Terms of service, as `logoUri`. */
  readonly tosUri?: string | undefined
  /** Privacy policy, as `logoUri`. */
  readonly policyUri?: string | undefined
  /**
   * Servers at which people may create an account on the way (`prompt=create`) and sign in by the server's address,
   * e.g. `['https://bsky.social']`; default none.
   */
  readonly signUpHosts?: readonly string[] | undefined
  /** Whether people may sign in by the address of any server, for those who do not know their handle; default false. */
  readonly allowServerAddress?: boolean | undefined
  /** Origin of the PLC directory; default `https://plc.directory`. */
  readonly plcDirectory?: string | undefined
  /**
   * A network on this machine, reached over http and loopback addresses: for development and tests. Refused
   * when `publicUrl` is a public name.
   */
  readonly localNetwork?: LocalNetwork | undefined
  /** Takes the library's few lines of log; default the console. */
  readonly logger?: Logger | undefined
}

const text = z.string('has to be a text')
const hook = z.custom((value) => typeof value === 'function', 'has to be a function').optional()
const duration = z
  .number('has to be a number of milliseconds')
  .int('has to be a whole number of milliseconds')
  .min(60_000, 'has to be a minute (60000 milliseconds) at least')
const object = z.custom((value) => typeof value === 'object' && value !== null, 'has to be an object')

/** Names and kinds alone; what the values have to look like is the checks' part. */
const optionsSchema = z.strictObject({
  ...{ clientName: text.optional(), scope: text.optional(), signInScope: text.optional() },
  ...{
    publicUrl: text.optional(),
    secret: z.union([text, z.array(text).min(1)], 'has to be a text or a list of texts').optional(),
  },
  ...{ clientKeys: z.unknown().optional(), store: object.optional() },
  ...{ sessionLifetimeMs: duration.optional(), sessionIdleMs: duration.optional() },
  ...{ basePath: text.optional(), signInPage: text.optional() },
  ...{ afterSignIn: text.optional(), afterSignOut: text.optional() },
  ...{ logoUri: text.optional(), tosUri: text.optional(), policyUri: text.optional() },
  signUpHosts: z
    .array(
      z.url({ protocol: /^https?$/, error: 'has to be the origin of a server, such as https://bsky.social' }),
    )
    .optional(),
  loginLimits: z.union([object, z.literal(false)], 'has to be an object or false').optional(),
  clientAddress: hook,
  allowServerAddress: z.boolean('has to be true or false').optional(),
  plcDirectory: z.url('has to be a URL').optional(),
  localNetwork: object.optional(),
  logger: z
    .custom(
      (value) => ['warn', 'error'].every((level) => typeof Object(value)[level] === 'function'),
      'has to have the functions warn and error',
    )
    .optional(),
  ...{ onSignIn: hook, onSignOut: hook, onSessionRefreshed: hook, onSessionLost: hook, onError: hook },
})

/** What is wrong with the names and kinds of options: one sentence each, without any value. */
export function complaintsAbout(options: object): readonly string[] {
  const { error } = optionsSchema.safeParse(options)
  return (error?.issues ?? []).map((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return `There is no option ${issue.keys.join(', ')}. The options are ${Object.keys(optionsSchema.shape).join(', ')}.`
    }
    return `The option ${issue.path.join('.')} ${issue.message}.`
  })
}
