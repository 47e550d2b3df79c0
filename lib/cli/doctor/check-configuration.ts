/** Checks the environment variables by the rules of the application. */
import { readKeys } from '../../config/client-keys.ts'
import { checkReach, readPublicUrl } from '../../config/public-url.ts'
import { CREATE_FIX, readSecrets, type Secrets } from '../../config/secrets.ts'
import { NEW_KEY_FIX } from '../../crypto/jwk.ts'
import type { Keyset } from '../../crypto/keyset.ts'
import { ConfigurationError } from '../../errors.ts'
import { isLoopbackUrl } from '../../oauth/client-metadata/build.ts'
import type { Finding } from './finding.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface CheckedConfiguration {
  readonly findings: readonly Finding[]
  /** Undefined when it is missing or unusable. */
  readonly publicUrl: string | undefined
  /** Undefined when they are missing or unusable, and where one is generated. */
  readonly secrets: Secrets | undefined
  /** The client's keys; undefined for the loopback client, which has none, and when they are unusable. */
  readonly keyset: Keyset | undefined
}

const ADDRESS_FIX = 'Set PUBLIC_URL to the https origin that browsers use, such as https://app.example.com.'
const LOOPBACK_FIX = 'Use http://127.0.0.1:3000, or in production the https origin that browsers use.'
/** The key of a session must not be replaced, so new ones are not the first advice. */
const DAMAGED_KEYS_FIX =
  'Check whether quotation marks or line breaks were lost. Create new keys only if there are none: sessions need theirs.'

/** Checks PUBLIC_URL, ATPROTO_SECRET and ATPROTO_CLIENT_KEYS. */
export async function checkConfiguration(env: Environment): Promise<CheckedConfiguration> {
  const address = checkPublicUrl(env)
  const { publicUrl } = address
  // Without a usable address, the rules of production apply.
  const isLoopback = publicUrl !== undefined && isLoopbackUrl(publicUrl)
  const keys = isLoopback ? reportUnusedKeys(env) : await checkKeys(env)
  const secret = checkSecret(env, { isOptional: isLoopback })
  return {
    findings: [address.finding, secret.finding, keys.finding],
    publicUrl,
    secrets: secret.secrets,
    keyset: keys.keyset,
  }
}

function checkPublicUrl(env: Environment): { finding: Finding; publicUrl?: string } {
  const check = 'PUBLIC_URL'
  const port = env.NODE_ENV === 'development' ? env.PORT || '3000' : undefined
  try {
    const publicUrl = readPublicUrl(env.PUBLIC_URL, { developmentPort: port })
    checkReach(publicUrl)
    const kind = isLoopbackUrl(publicUrl) ? 'loopback client for development' : 'confidential client'
    const message = `${publicUrl}: ${kind}`
    if (env.NODE_ENV === 'development' || !isLoopbackUrl(publicUrl))
      return { publicUrl, finding: { check, level: 'ok', message } }
    const warning = `${message}, in production`
    return { publicUrl, finding: { check, level: 'warn', message: warning, fix: ADDRESS_FIX } }
  } catch (error) {
    const isLocalhost = URL.parse(env.PUBLIC_URL ?? '')?.hostname === 'localhost'
    return { finding: failure(check, error, isLocalhost ? LOOPBACK_FIX : ADDRESS_FIX) }
  }
}

function checkSecret(
  env: Environment,
  { isOptional }: { readonly isOptional: boolean },
): { finding: Finding; secrets?: Secrets } {
  const check = 'secret'
  try {
    const secrets = readSecrets(env.ATPROTO_SECRET, { isLoopback: isOptional })
    if (!secrets) {
      const message = 'is generated automatically in development, next to the sessions'
      return { finding: { check, level: 'ok', message } }
    }
    const older = secrets.length > 1 ? `; older secrets that still open sessions: ${secrets.length - 1}` : ''
    const message = `ATPROTO_SECRET is long enough${older}`
    return { secrets, finding: { check, level: 'ok', message } }
  } catch (error) {
    return { finding: failure(check, error, createFix('ATPROTO_SECRET')) }
  }
}

function reportUnusedKeys(env: Environment): { finding: Finding; keyset?: undefined } {
  const message = env.ATPROTO_CLIENT_KEYS
    ? 'ATPROTO_CLIENT_KEYS is set, but the loopback client does not use it'
    : 'the loopback client needs no keys'
  return { finding: { check: 'client keys', level: 'ok', message } }
}

async function checkKeys(env: Environment): Promise<{ finding: Finding; keyset?: Keyset }> {
  const check = 'client keys'
  try {
    const keyset = await readKeys(env.ATPROTO_CLIENT_KEYS)
    // A key whose halves do not belong together would be published, but no server would accept its signatures.
    for (const { kid } of keyset.publicJwks.keys) await keyset.find(kid)?.importKey()
    const { length } = keyset.publicJwks.keys
    const message = `${length === 1 ? 'one key' : `${length} keys`}; ${keyset.active.kid} signs`
    return { keyset, finding: { check, level: 'ok', message } }
  } catch (error) {
    const fix = env.ATPROTO_CLIENT_KEYS ? DAMAGED_KEYS_FIX : createFix('ATPROTO_CLIENT_KEYS')
    return { finding: failure(check, error, fix) }
  }
}

/** Names one line, because the other one may be set already. */
function createFix(variable: string): string {
  return `Run "npx next-atproto-auth keys", and put the line ${variable}=… into the environment of the application or into .env.local here.`
}

function failure(check: string, error: unknown, fix: string): Finding {
  if (!(error instanceof ConfigurationError)) throw error
  // The finding's own advice says more.
  const message = error.message.replace(` ${CREATE_FIX}`, '').replace(` ${NEW_KEY_FIX}`, '')
  return { check, level: 'fail', message, fix }
}
