/**
 * Chooses the store of an application that does not pass one: the environment decides, and the default is a SQLite
 * file. This is a pure function, because the command line needs it too, outside Next.js.
 */
import { ConfigurationError } from '../errors.ts'

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

export type StoreChoice =
  | {
      readonly kind: 'postgres'
      readonly url: string
      readonly schema?: string | undefined
      readonly table?: string | undefined
    }
  | { readonly kind: 'vercel-kv'; readonly url: string; readonly token: string }
  | { readonly kind: 'redis'; readonly url: string }
  | { readonly kind: 'sqlite' }

const restVariables = [
  ['KV_REST_API_URL', 'KV_REST_API_TOKEN'],
  ['UPSTASH_REDIS_REST_URL', 'UPSTASH_REDIS_REST_TOKEN'],
] as const

/**
 * Variables set by hosts where a file is lost with the instance that wrote it and is not visible to other instances.
 */
const hostsWithoutDisk: Readonly<Record<string, string>> = {
  VERCEL: 'Vercel',
  NETLIFY: 'Netlify',
  AWS_LAMBDA_FUNCTION_NAME: 'AWS Lambda',
  CF_PAGES: 'Cloudflare',
  K_SERVICE: 'Cloud Run',
  FUNCTIONS_WORKER_RUNTIME: 'Azure Functions',
}

/**
 * Returns the store that the environment asks for: first ATPROTO_DATABASE_URL, then a REST address with its token, then
 * REDIS_URL, then a file. The application's own database, as hosts name it, is never used.
 *
 * @throws ConfigurationError when an address has no token, or the host has no persistent disk
 */
export function chooseStore(env: Environment): StoreChoice {
  if (env.ATPROTO_DATABASE_URL) return { kind: 'postgres', url: env.ATPROTO_DATABASE_URL }
  for (const [urlName, tokenName] of restVariables) {
    const [url, token] = [env[urlName], env[tokenName]]
    if (url && token) return { kind: 'vercel-kv', url, token }
  }
  if (env.REDIS_URL) return { kind: 'redis', url: env.REDIS_URL }
  for (const [urlName, tokenName] of restVariables) {
    if (env[urlName]) throw new ConfigurationError(`${urlName} is set, but ${tokenName} is missing.`)
  }
  const host = hostWithoutDisk(env)
  if (host) {
    throw new ConfigurationError(
      `Sessions cannot be stored in a file on ${host}, because the file would be lost with the instance. Set KV_REST_API_URL and ` +
        'KV_REST_API_TOKEN (or UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN), REDIS_URL, or ATPROTO_DATABASE_URL; or pass a store.',
    )
  }
  return { kind: 'sqlite' }
}

/** A line for the log when PostgreSQL is chosen although another store is set too, as by an integration of the host. */
export function warningAboutOtherStores(env: Environment): string | undefined {
  const names = [...restVariables.map(([urlName]) => urlName), 'REDIS_URL'].filter((name) => env[name])
  if (!env.ATPROTO_DATABASE_URL || names.length === 0) return undefined
  return `Sessions are in PostgreSQL, because ATPROTO_DATABASE_URL is set; ${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} not used.`
}

/** Ignored in development: the tools of some hosts copy these variables to the developer's machine. */
function hostWithoutDisk(env: Environment): string | undefined {
  if (env.NODE_ENV === 'development') return undefined
  return Object.entries(hostsWithoutDisk).find(([name]) => env[name])?.[1]
}
