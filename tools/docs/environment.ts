/** What the library reads from the environment, in words; a test compares the names with the sources. */

export interface Variable {
  readonly name: string
  readonly text: string
}

/** For an operator to set. */
export const variables: readonly Variable[] = [
  {
    name: 'PUBLIC_URL',
    text: 'The address under which browsers reach the application: `publicUrl`. Not needed on Vercel (see below) and under `next dev`. The guard reads it too.',
  },
  {
    name: 'ATPROTO_SECRET',
    text: 'What cookies and rows are sealed with: `secret`. 32 random characters at least; several, newest first, separated by commas. On a loopback address one is made beside the SQLite file when it is missing. The guard reads it too: without it, it judges a cookie by its form alone.',
  },
  {
    name: 'ATPROTO_CLIENT_KEYS',
    text: 'The private ES256 keys of a confidential client: `clientKeys`. JWK, list, JWKS or PEM; the first signs, all are published. Not used on a loopback address.',
  },
  {
    name: 'KV_REST_API_URL',
    text: 'Sessions behind the REST interface of Vercel KV or Upstash, with `KV_REST_API_TOKEN`. Goes before all other stores.',
  },
  { name: 'KV_REST_API_TOKEN', text: 'The token for that, one that may write.' },
  {
    name: 'UPSTASH_REDIS_REST_URL',
    text: "The same under Upstash's own name, with `UPSTASH_REDIS_REST_TOKEN`.",
  },
  { name: 'UPSTASH_REDIS_REST_TOKEN', text: 'The token for that.' },
  { name: 'REDIS_URL', text: 'Sessions in Redis or Valkey, `redis://` or `rediss://`.' },
  {
    name: 'ATPROTO_DATA_DIR',
    text: 'Without those: the folder of the SQLite file of sessions, and of the secret that is made in development. Default `.atproto-auth` in the working directory.',
  },
  { name: 'PORT', text: 'Under `next dev`, the port of the loopback address. Default 3000.' },
]

/** What hosts and frameworks set by themselves. */
export const hostVariables: readonly Variable[] = [
  {
    name: 'NODE_ENV',
    text: '`development` (`next dev`): a public address need not be named, and the hosts below are not believed.',
  },
  {
    name: 'VERCEL',
    text: "Vercel: no store in a file; clients' addresses come from `x-vercel-forwarded-for`; its other names for the deployment are known.",
  },
  {
    name: 'VERCEL_ENV',
    text: '`production` or `preview`: which of the next three names is the public address when PUBLIC_URL is not set.',
  },
  { name: 'VERCEL_PROJECT_PRODUCTION_URL', text: 'The public address in production.' },
  { name: 'VERCEL_BRANCH_URL', text: 'The public address of a preview: that of its branch.' },
  { name: 'VERCEL_URL', text: 'The public address of a preview without a branch.' },
  {
    name: 'NETLIFY',
    text: "Netlify: no store in a file; clients' addresses come from `x-nf-client-connection-ip`.",
  },
  {
    name: 'CF_PAGES',
    text: "Cloudflare Pages: no store in a file; clients' addresses come from `cf-connecting-ip`.",
  },
  { name: 'FLY_APP_NAME', text: "Fly.io: clients' addresses come from `fly-client-ip`." },
  { name: 'AWS_LAMBDA_FUNCTION_NAME', text: 'AWS Lambda: no store in a file.' },
  { name: 'K_SERVICE', text: 'Cloud Run: no store in a file.' },
  { name: 'FUNCTIONS_WORKER_RUNTIME', text: 'Azure Functions: no store in a file.' },
  {
    name: '__NEXT_ROUTER_BASEPATH',
    text: "Next's `basePath`, put in while building: it has to be the path of PUBLIC_URL.",
  },
]

/** Of the command line alone; docs/command-line.md tells about them. */
export const commandVariables: ReadonlySet<string> = new Set([
  ...['ATPROTO_OAUTH_SCOPE', 'ATPROTO_OAUTH_CLIENT_ID', 'ATPROTO_OAUTH_REDIRECT_URI'],
  ...['DISPLAY', 'WAYLAND_DISPLAY'],
])
