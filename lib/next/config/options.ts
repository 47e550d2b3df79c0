/** The options of `createAtprotoAuth()`. */
import 'server-only'
import type { Secrets } from '../../config/secrets.ts'
import type { HandleResolver } from '../../identity/configured-resolver.ts'
import type { ResolveTxt } from '../../net/dns.ts'
import type { LocalNetwork } from '../../oauth/client-options.ts'
import type { Store } from '../../store/contract.ts'
import type { AuthHooks, ConnectOptions } from '../events/hooks.ts'
import type { Logger } from '../events/log.ts'
import type { LoginLimitOptions } from '../limits/login-limits.ts'

export interface AtprotoAuthOptions extends AuthHooks, LoginLimitOptions {
  /** Name of the application on consent screens. */
  readonly clientName?: string | undefined
  /** Every scope that the application may ask for, space-separated; default `atproto`, which is sign-in only. */
  readonly scope?: string | undefined
  /**
   * What a sign-in asks for: `atproto` and a part of `scope`; default all of `scope`. `requireSession({ scope })` asks
   * for the rest where a page needs it.
   */
  readonly signInScope?: string | undefined
  /**
   * The address that browsers use: the origin, followed by Next's `basePath` if there is one. Default PUBLIC_URL, then
   * the address that Vercel provides; under `next dev`, `http://127.0.0.1:PORT`. A loopback address makes a public
   * client for development, any other https address a confidential client.
   */
  readonly publicUrl?: string | undefined
  /** At least 32 random characters, or a list of such secrets, newest first; default ATPROTO_SECRET. */
  readonly secret?: string | Secrets | undefined
  /**
   * Private ES256 keys: a JWK, a list of JWKs, a JWKS, the JSON text of one of these, or PEM; default
   * ATPROTO_CLIENT_KEYS.
   */
  readonly clientKeys?: unknown
  /**
   * Where sessions are stored. Default by environment: the PostgreSQL of ATPROTO_DATABASE_URL, then the REST store of
   * KV_REST_API_URL (or UPSTASH_REDIS_REST_URL) with its token, then the Redis of REDIS_URL, otherwise a SQLite file in
   * ATPROTO_DATA_DIR or `.atproto-auth`.
   */
  readonly store?: Store | undefined
  /** Maximum lifetime of a session, in milliseconds; default 180 days, 14 days on a loopback address. */
  readonly sessionLifetimeMs?: number | undefined
  /** How long a session lives without being used, in milliseconds; default 30 days. */
  readonly sessionIdleMs?: number | undefined
  /** Path where `auth.handlers` is mounted; default `/oauth`. Like all paths here, without Next's own `basePath`. */
  readonly basePath?: string | undefined
  /** Path of the sign-in page; default `/oauth/login`, a plain page of the handlers. */
  readonly signInPage?: string | undefined
  /** Path to go to after a sign-in that names no other; default `/`. */
  readonly afterSignIn?: string | undefined
  /** Path to go to after a sign-out that names no other; default `/`. */
  readonly afterSignOut?: string | undefined
  /** Logo on consent screens: an https URL, or a path of this application. */
  readonly logoUri?: string | undefined
  /** Terms of service, as `logoUri`. */
  readonly tosUri?: string | undefined
  /** Privacy policy, as `logoUri`. */
  readonly policyUri?: string | undefined
  /**
   * Servers where people may create an account (`prompt=create`) and sign in by the server's address, such as
   * `['https://bsky.social']`; default none.
   */
  readonly signUpHosts?: readonly string[] | undefined
  /** Whether people may sign in by the address of any server, without knowing their handle; default false. */
  readonly allowServerAddress?: boolean | undefined
  /**
   * Connects accounts to the users of another sign-in of the application: who the user is, and what to do with a
   * connected account ([connect.md](connect.md)). Default none; `auth.connect()` needs it.
   */
  readonly connect?: ConnectOptions | undefined
  /** The https origin of the PLC directory; default `https://plc.directory`. */
  readonly plcDirectory?: string | undefined
  /**
   * Asked for a handle for which DNS and the well-known file name no account, or when they could not be reached. Set it
   * if many handles cannot be looked up from your network; see docs/deployment.md. The https origin of a server with
   * `com.atproto.identity.resolveHandle`, such as `https://public.api.bsky.app`, or an object. Default none. It learns when a user signs in with such a handle, typing errors included. Its
   * answer is checked as any other: the account has to name the handle. If it cannot be asked either, the sign-in
   * fails with `server_unavailable`. With `localNetwork` it is not asked.
   */
  readonly fallbackResolver?: string | HandleResolver | undefined
  /**
   * A network on this machine, reached over http and loopback addresses, for development and tests. Refused when
   * `publicUrl` is a public name.
   */
  readonly localNetwork?: LocalNetwork | undefined
  /**
   * Hosts that may be at private addresses (RFC 1918, RFC 4193), such as `['pds.example.com']` for a PDS on the same LAN;
   * default none. Full host names: a name under one of them needs an entry of its own. Only https goes there. Addresses
   * of this machine, of its link and of cloud metadata stay blocked.
   */
  readonly privateHosts?: readonly string[] | undefined
  /**
   * The address of an HTTP proxy through which requests leave, such as `http://user:password@proxy.internal:3128`; default
   * none. Not for requests to this machine and to `privateHosts`. The proxy resolves the names of servers, so it has to
   * keep requests away from private addresses. DNS TXT look-ups do not use it: see `resolveTxt`. Environment variables
   * such as HTTPS_PROXY are not read. An empty text counts as none.
   */
  readonly proxy?: string | undefined
  /**
   * DNS TXT look-ups, which find the account of a handle; default the machine's name servers. `createDohResolveTxt` of
   * `next-atproto-auth/oauth` uses DNS over HTTPS instead, also through a proxy.
   */
  readonly resolveTxt?: ResolveTxt | undefined
  /** Takes the library's log lines; default the console. */
  readonly logger?: Logger | undefined
}
