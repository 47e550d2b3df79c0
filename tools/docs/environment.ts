/** What the library reads from the environment, in words; a test compares the names with the sources. */

export interface Variable {
  readonly name: string
  readonly text: string
}

/** For an operator to set. */
export const variables: readonly Variable[] = [
  {
    name: 'PUBLIC_URL',
    text: 'The address that browsers use: `publicUrl`. Not needed on Vercel (see below) or under `next dev`. The proxy reads it too.',
  },
  {
    name: 'ATPROTO_SECRET',
    text: 'Encrypts cookies and rows: `secret`. At least 32 random characters. You can list several, newest first, separated by commas. On a loopback address, a missing secret is generated next to the SQLite file. The proxy reads it too; without it, the proxy checks only the format of a cookie.',
  },
  {
    name: 'ATPROTO_CLIENT_KEYS',
    text: 'The private ES256 keys of a confidential client: `clientKeys`. A JWK, a list of JWKs, a JWKS or PEM. The first key signs; all are published. Not used on a loopback address.',
  },
  {
    name: 'ATPROTO_DATABASE_URL',
    text: 'Stores sessions in a table of PostgreSQL, `postgres://`. Takes precedence over all other stores. `DATABASE_URL`, which is your own, is never used.',
  },
  {
    name: 'KV_REST_API_URL',
    text: 'Stores sessions behind the REST interface of Vercel KV or Upstash, with `KV_REST_API_TOKEN`. Takes precedence over Redis and SQLite.',
  },
  { name: 'KV_REST_API_TOKEN', text: 'The token for `KV_REST_API_URL`. It must allow writes.' },
  {
    name: 'UPSTASH_REDIS_REST_URL',
    text: "Upstash's name for `KV_REST_API_URL`, with `UPSTASH_REDIS_REST_TOKEN`.",
  },
  { name: 'UPSTASH_REDIS_REST_TOKEN', text: 'The token for `UPSTASH_REDIS_REST_URL`.' },
  { name: 'REDIS_URL', text: 'Stores sessions in Redis or Valkey, `redis://` or `rediss://`.' },
  {
    name: 'ATPROTO_DATA_DIR',
    text: 'The folder of the SQLite file, which stores sessions if none of the variables above is set, and of the secret that is generated in development. Default `.atproto-auth` in the working directory.',
  },
  { name: 'PORT', text: 'Under `next dev`, the port of the loopback address. Default 3000.' },
]

/** What hosts and frameworks set by themselves. */
export const hostVariables: readonly Variable[] = [
  {
    name: 'NODE_ENV',
    text: '`development` (`next dev`): the public address is optional, and the hosts below are ignored.',
  },
  {
    name: 'NODE_USE_ENV_PROXY',
    text: '`1`: Node.js uses the proxy of `HTTPS_PROXY`. The library does not, and warns if the option `proxy` is not set.',
  },
  {
    name: 'VERCEL',
    text: "Vercel: SQLite is refused, client addresses come from `x-vercel-forwarded-for`, and the deployment's other names are recognized.",
  },
  {
    name: 'VERCEL_ENV',
    text: '`production` or `preview`: selects which of the next three names is the public address if PUBLIC_URL is not set.',
  },
  { name: 'VERCEL_PROJECT_PRODUCTION_URL', text: 'The public address in production.' },
  { name: 'VERCEL_BRANCH_URL', text: 'The public address of a preview with a branch.' },
  { name: 'VERCEL_URL', text: 'The public address of a preview without a branch.' },
  {
    name: 'NETLIFY',
    text: 'Netlify: SQLite is refused, and client addresses come from `x-nf-client-connection-ip`.',
  },
  {
    name: 'CF_PAGES',
    text: 'Cloudflare Pages: SQLite is refused, and client addresses come from `cf-connecting-ip`.',
  },
  { name: 'FLY_APP_NAME', text: 'Fly.io: client addresses come from `fly-client-ip`.' },
  { name: 'AWS_LAMBDA_FUNCTION_NAME', text: 'AWS Lambda: SQLite is refused.' },
  { name: 'K_SERVICE', text: 'Cloud Run: SQLite is refused.' },
  { name: 'FUNCTIONS_WORKER_RUNTIME', text: 'Azure Functions: SQLite is refused.' },
  {
    name: '__NEXT_ROUTER_BASEPATH',
    text: "Next's `basePath`, inserted during the build. It must be the path of PUBLIC_URL.",
  },
]

/** Of the command line alone; docs/command-line.md tells about them. */
export const commandVariables: ReadonlySet<string> = new Set([
  ...['ATPROTO_OAUTH_SCOPE', 'ATPROTO_OAUTH_CLIENT_ID', 'ATPROTO_OAUTH_REDIRECT_URI'],
  ...['DISPLAY', 'WAYLAND_DISPLAY'],
])
