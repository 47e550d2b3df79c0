/** The answer of the token endpoint (RFC 6749 §5.1; atproto.com/specs/oauth, "Tokens and Session Lifetime"). */
import { z } from 'zod'
import { AtprotoAuthError } from '../../errors.ts'
import { type Did, isDid } from '../../identity/syntax.ts'
import { describeType, readJson } from '../../net/read-json.ts'

/**
 * RFC 9110's token68, which RFC 6750 and RFC 9449 make the form of a token in a header. Of any length that the body allows:
 * servers that write the scope into a token send 10,000 characters and more.
 */
const token68 = z.string().regex(/^[A-Za-z0-9._~+/-]+=*$/)
const seconds = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,9}$/)
      .transform(Number),
  ])
  .pipe(z.number().positive().finite())
/** What a header can hold at all. */
const headerText = z.string().regex(/^[\x21-\x7e]+$/)

/**
 * RFC 6749 §3.3. Words of another form have no meaning and are left out: scopes are shown, also in terminals, which act on
 * control characters.
 */
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/
const scopeText = z.string().transform((text) =>
  text
    .split(' ')
    .filter((word) => scopeToken.test(word))
    .join(' '),
)

/** Some servers write a member that they have no value for as `null`, others as an empty text. */
function isLeftOut(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

const schemaOf = (token: z.ZodType<string>) =>
  z.object({
    access_token: token,
    token_type: z.unknown().optional(),
    sub: z
      .unknown()
      .optional()
      .transform((value) => {
        if (isLeftOut(value)) return undefined
        // No DID equals it.
        return typeof value === 'string' ? value : 'not a text'
      }),
    scope: scopeText.optional().catch(undefined),
    id_token: z.unknown().optional(),
    // Odd values are read as unknown rather than refused: a rotated pair is never thrown away for them.
    refresh_token: token.optional().catch(undefined),
    expires_in: seconds.optional().catch(undefined),
  })
const firstSchema = schemaOf(token68)
const rotatedSchema = schemaOf(headerText)
const MAX_LIFETIME_S = 24 * 60 * 60

export interface TokenSet {
  readonly accessToken: string
  readonly refreshToken: string | undefined
  /** Whether the tokens are bound to the DPoP key; the caller refuses others. */
  readonly isDpopBound: boolean
  readonly hasIdToken: boolean
  readonly scope: string | undefined
  readonly sub: string | undefined
  /** Epoch milliseconds; undefined when the server did not say. */
  readonly expiresAt: number | undefined
}

/**
 * The tokens in the answer to a code. The tokens themselves are opaque and never decoded.
 *
 * @throws AtprotoAuthError `token_response_invalid` when there is no access token
 */
export async function parseTokenResponse(response: Response, issuer: string, now: number): Promise<TokenSet> {
  const body = await readJson(response, firstSchema, issuer).catch((cause: unknown) => {
    const message = `${issuer} sent no usable tokens.`
    throw new AtprotoAuthError('token_response_invalid', message, { cause, issuer })
  })
  return toTokenSet(body, now)
}

/**
 * The tokens in the answer to a refresh token, which is used up by now: whatever else is odd about the answer, a pair in it
 * is not thrown away. Its media type, and what comes before and after the JSON, do not matter.
 *
 * @throws AtprotoAuthError `token_response_invalid` when there is no access token
 */
export async function parseRotatedTokens(response: Response, issuer: string, now: number): Promise<TokenSet> {
  const { success, data, error } = rotatedSchema.safeParse(findJson(await response.text()))
  // Not even the type, which the profile wants: what is left out stays as it was, and these tokens were bound.
  if (success) return toTokenSet(isLeftOut(data.token_type) ? { ...data, token_type: 'DPoP' } : data, now)
  const field = error.issues[0]?.path.join('.') || 'the body'
  throw invalid(
    issuer,
    `sent no usable tokens: ${field} is not as required (${describeType(response.headers)})`,
  )
}

/** The JSON of a text; what comes before the first brace and after the last one is left out if it has to be. */
function findJson(text: string): unknown {
  const inner = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)
  for (const candidate of [text, inner]) {
    try {
      return JSON.parse(candidate)
    } catch {
      // The parser's message would quote the tokens.
    }
  }
  return undefined
}

function toTokenSet(body: z.infer<typeof firstSchema>, now: number): TokenSet {
  const lifetimeS = body.expires_in && Math.min(body.expires_in, MAX_LIFETIME_S)
  return {
    accessToken: body.access_token,
    refreshToken: body.refresh_token,
    isDpopBound: typeof body.token_type === 'string' && body.token_type.toLowerCase() === 'dpop',
    hasIdToken: !isLeftOut(body.id_token),
    // An empty one says nothing: a token for nothing would be of no use.
    scope: body.scope || undefined,
    sub: body.sub,
    expiresAt: lifetimeS && now + lifetimeS * 1000,
  }
}

/**
 * The account that a first token answer is for, and what it was granted. The tokens have to be bound by DPoP
 * and the scope has to hold `atproto`.
 *
 * @throws AtprotoAuthError `token_response_invalid`
 */
export function grantOf(tokens: TokenSet, issuer: string): { readonly sub: Did; readonly scope: string } {
  const { sub, scope } = tokens
  if (!tokens.isDpopBound) throw invalid(issuer, 'sent tokens that are not bound by DPoP')
  if (tokens.hasIdToken) throw invalid(issuer, 'sent an id_token, which the profile forbids')
  if (!scope?.split(' ').includes('atproto')) throw invalid(issuer, 'granted no "atproto" scope')
  if (sub === undefined || !isDid(sub)) throw invalid(issuer, 'named no account as sub')
  return { sub, scope }
}

function invalid(issuer: string, problem: string): AtprotoAuthError {
  return new AtprotoAuthError('token_response_invalid', `${issuer} ${problem}.`, { issuer })
}
