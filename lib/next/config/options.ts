/** What `createAtprotoAuth()` is given, and whether it has the form that it needs. */
import 'server-only'
import { z } from 'zod'
import type { Secrets } from '../../config/secrets.ts'
import { isServerOrigin } from '../../config/server-origin.ts'
import type { LocalNetwork } from '../../oauth/client-options.ts'
import type { Store } from '../../store/contract.ts'
import type { AuthHooks } from '../events/hooks.ts'
import type { Logger } from '../events/log.ts'
import type { LoginLimitOptions } from '../limits/login-limits.ts'

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
  /** The https origin of the PLC directory; default `https://plc.directory`. */
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
const path = text.regex(/^\/([^/\\?#\s][^\\?#\s]*)?$/, 'must be a path that starts with one slash')
const folder = text.regex(/^(\/[^/\\?#\s]+)+$/, 'must be a path without a slash at its end, such as /oauth')
const address = text.refine(
  (value) => /^\/(?!\/)/.test(value) || URL.parse(value)?.protocol === 'https:',
  'must be an https URL, or a path of this application that starts with one slash',
)
const limit = z
  .custom((value) => Number.isSafeInteger(value) && Number(value) > 0, 'must be a whole number above 0')
  .optional()
const localServer = z.custom(
  (value) => typeof value === 'string' && isServerOrigin(value, { allowLoopback: true }),
  'must be the origin of a server on this machine, such as http://127.0.0.1:2582',
)

const storeFunctions: readonly (keyof Store)[] = [
  ...([
    'get',
    'set',
    'take',
    'update',
    'delete',
    'increment',
    'addMember',
    'removeMember',
    'members',
  ] as const),
  ...(['lease', 'release', 'ping', 'close'] as const),
]

/** Names and kinds alone, and what can be said of each value by itself; the rest is the checks' part. */
const optionsSchema = z.strictObject({
  ...{ clientName: text.optional(), scope: text.optional(), signInScope: text.optional() },
  ...{
    publicUrl: text.optional(),
    secret: z.union([text, z.array(text).min(1)], 'has to be a text or a list of texts').optional(),
  },
  clientKeys: z.unknown().optional(),
  store: z
    .custom(
      (value) => storeFunctions.every((name) => typeof Object(value)[name] === 'function'),
      'has to be a store, as the functions of next-atproto-auth/stores/* make them',
    )
    .optional(),
  ...{ sessionLifetimeMs: duration.optional(), sessionIdleMs: duration.optional() },
  ...{ basePath: folder.optional(), signInPage: path.optional() },
  ...{ afterSignIn: path.optional(), afterSignOut: path.optional() },
  ...{ logoUri: address.optional(), tosUri: address.optional(), policyUri: address.optional() },
  signUpHosts: z
    .array(
      z.url({ protocol: /^https?$/, error: 'has to be the origin of a server, such as https://bsky.social' }),
      'has to be a list of origins',
    )
    .optional(),
  loginLimits: z.preprocess(
    (value) => (value === false ? undefined : value),
    z
      .strictObject(
        { perAddress: limit, perIdentifier: limit, overall: limit },
        'has to be an object or false',
      )
      .optional(),
  ),
  clientAddress: hook,
  allowServerAddress: z.boolean('has to be true or false').optional(),
  plcDirectory: text.optional(),
  localNetwork: z
    .strictObject(
      { plcDirectory: localServer, handleResolver: localServer, ca: text.optional() },
      'has to be an object with plcDirectory and handleResolver',
    )
    .optional(),
  logger: z
    .custom(
      (value) => ['warn', 'error'].every((level) => typeof Object(value)[level] === 'function'),
      'has to have the functions warn and error',
    )
    .optional(),
  ...{ onSignIn: hook, onSignOut: hook, onSessionRefreshed: hook, onSessionLost: hook, onError: hook },
})

/** What is wrong with options, each by itself. */
export interface OptionComplaints {
  /** One sentence each, without any value. */
  readonly messages: readonly string[]
  /** Whether none of them is about these options, so that more can be asked of them. */
  areFine(...names: readonly (keyof AtprotoAuthOptions)[]): boolean
}

export function complaintsAbout(options: object): OptionComplaints {
  const issues = optionsSchema.safeParse(options).error?.issues ?? []
  const wrong = new Set(issues.map((issue) => issue.path[0]))
  return {
    messages: issues.map((issue) => {
      const name = issue.path.join('.')
      return issue.code === 'unrecognized_keys'
        ? unknownOption(name, issue.keys)
        : `The option ${name} ${issue.message}.`
    }),
    areFine: (...names) => !names.some((name) => wrong.has(name)),
  }
}

const nested: Readonly<Record<string, string>> = {
  loginLimits: 'perAddress, perIdentifier, overall',
  localNetwork: 'plcDirectory, handleResolver, ca',
}

function unknownOption(parent: string, names: readonly string[]): string {
  const known = nested[parent]
  return known === undefined
    ? `There is no option ${names.join(', ')}. The options are ${Object.keys(optionsSchema.shape).join(', ')}.`
    : `There is no option ${names.map((name) => `${parent}.${name}`).join(', ')}. Those of ${parent} are ${known}.`
}
