import { describe, expect, it } from 'vitest'
import { describeFailure, exitCodeOf } from '../../../../lib/cli/terminal/exit-codes.ts'
import { escaping, shellQuote, toJson } from '../../../../lib/cli/terminal/output.ts'
import {
  AtprotoAuthError,
  type ErrorCode,
  InvalidIdentifierError,
  OAuthResolverError,
  TokenRevokedError,
} from '../../../../lib/errors.ts'
import { createTerminal } from '../../../support/unit/terminal.ts'

describe('text of a server in a terminal', () => {
  const attack = 'a\u001b]52;c;cm0=\u0007b\r\nc\u009b31md\u202ee\u2028f'

  it('cannot act on it: what would is shown as text, whichever command prints it', () => {
    const screen = createTerminal()
    const terminal = escaping(screen)
    terminal.print(attack)
    terminal.printError(attack)
    const shown = 'a\\u001b]52;c;cm0=\\u0007b\\u000d\nc\\u009b31md\\u202ee\\u2028f\n'
    expect([screen.printed(), screen.printedErrors()]).toEqual([shown, shown])
  })

  it('makes no line of its own in the message of an error', () => {
    const line = describeFailure(new AtprotoAuthError('network_error', attack))
    expect(line).toContain('b\\u000d\\u000ac')
    expect(line).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028]/u)
  })

  it('is the same value for a parser of the JSON, which a terminal shows and does not act on', () => {
    const json = toJson({ text: attack })
    expect(JSON.parse(json)).toEqual({ text: attack })
    expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028]/u)
  })

  it('is one word of a shell, whatever it holds', () => {
    expect(shellQuote("it's $(rm) `x`")).toBe("'it'\\''s $(rm) `x`'")
  })
})

describe('an error', () => {
  const error = (code: ErrorCode) => new AtprotoAuthError(code, 'It failed.')

  it.each([
    ['session_ended', 3],
    ['scope_missing', 3],
    ['state_unknown', 3],
    ['network_error', 4],
    ['rate_limited', 4],
    ['configuration', 1],
    ['access_denied', 1],
  ] as const)('%s has the exit code %i', (code, expected) => {
    expect(exitCodeOf(error(code))).toBe(expected)
  })

  const system = (code: string) => Object.assign(new Error('x'), { code })
  const wrapped = (cause: Error) => new OAuthResolverError('server_unavailable', 'It failed.', { cause })
  const ofProxy = (words: string, cause?: Error) =>
    wrapped(new AtprotoAuthError('network_error', `The proxy http://proxy:3128 ${words}`, { cause }))
  const refusal = 'rejects the credentials of the option proxy, or requires some (407).'
  const away = 'could not be reached.'

  it.each([
    ['a 407 of the proxy', ofProxy(refusal), 1],
    ['a closed port of the proxy', ofProxy(away, system('ECONNREFUSED')), 1],
    ['a proxy that does not answer', ofProxy('did not answer CONNECT in time.'), 4],
    ['a closed port of a server', wrapped(system('ECONNREFUSED')), 4],
    ['no TLS', wrapped(system('EPROTO')), 1],
    ['another version of TLS', wrapped(system('ERR_SSL_WRONG_VERSION_NUMBER')), 1],
    ['a certificate', wrapped(system('CERT_HAS_EXPIRED')), 1],
    ['a name that does not exist', wrapped(system('ENOTFOUND')), 1],
    ['a resolver that does not answer', wrapped(system('EAI_AGAIN')), 4],
    ['a reserved name', wrapped(new AtprotoAuthError('blocked_address', 'The name is reserved.')), 1],
  ])('advises another try only if it may help: %s', (_what, failure, expected) => {
    expect([exitCodeOf(failure), failure.retryable]).toEqual([expected, true])
    expect(describeFailure(failure).includes('Try again later.')).toBe(expected === 4)
  })

  it('names options as the command line does', () => {
    expect(describeFailure(ofProxy(refusal))).toContain(
      'The proxy http://proxy:3128 rejects the credentials of --http-proxy, or requires some (407).',
    )
    const advice = 'If that is intended, name it in the option privateHosts.'
    expect(describeFailure(wrapped(new AtprotoAuthError('blocked_address', advice)))).toContain(
      'If that is intended, name it with --private-host.',
    )
  })

  it('says once that a server did not answer', () => {
    const cause = new AtprotoAuthError('server_unavailable', 'https://a.dev did not answer.')
    const error = new OAuthResolverError('server_unavailable', 'https://a.dev could not be asked.', { cause })
    expect(describeFailure(error)).toMatch(/^https:\/\/a\.dev did not answer\. /)
  })

  it('about what was typed says what else works', () => {
    expect(describeFailure(new InvalidIdentifierError('Expected a handle.'))).toBe(
      'Expected a handle. The https address of a server works too, such as https://pds.example.com. [invalid_identifier]',
    )
  })

  it('is one line that ends with its code, with what to do about it', () => {
    expect(describeFailure(error('network_error'))).toBe('It failed. Try again later. [network_error]')
    const selfSigned = Object.assign(new Error('self-signed'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    expect(describeFailure(new AtprotoAuthError('network_error', 'It failed.', { cause: selfSigned }))).toBe(
      'It failed. (cause=DEPTH_ZERO_SELF_SIGNED_CERT) [network_error]',
    )
    expect(describeFailure(error('blocked_address'))).toContain(
      'add --allow-http; for one at a private address, --private-host. [blocked_address]',
    )
    expect(describeFailure(error('authorization_failed'))).toBe('It failed. [authorization_failed]')
    expect(describeFailure(new TokenRevokedError('did:plc:alice', 'It is over.'))).toBe(
      'It is over. Sign in with: npx next-atproto-auth login did:plc:alice [session_ended]',
    )
  })
})
