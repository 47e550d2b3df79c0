/** cocoon. */
import { type Maker, READ } from './maker.ts'

export const cocoon: Maker = {
  name: 'cocoon',
  language: 'Go',
  version: '0.9.0',
  tried: READ,
  traits: {
    hasOneOrigin: true,
    futureProof: { toleranceMs: 5_000, answer: { status: 400, json: { error: 'InvalidRequest' } } },
    refusedRefreshToken: { status: 400, json: { error: '"client_id" mismatch' } },
    declinedLeadsTo: 'client_uri',
    missingPermission: (scope) => {
      const message = `Missing required scope ${scope}`
      return {
        status: 403,
        headers: { 'www-authenticate': `DPoP error="insufficient_scope", error_description="${message}"` },
        json: { error: 'insufficient_scope', message },
      }
    },
  },
  limits: {
    declined: {
      theirs:
        'A person who rejects the sign-in is sent to the address of the application (`client_uri`), not to its callback. The application does not learn of it, and the sign-in ends unfinished after half an hour.',
      seen: 'https://app.example.com/',
      where: 'the address bar, for an application at that address',
      remedy: 'There is no remedy here; a new sign-in can begin at once.',
    },
    endedSession: {
      theirs:
        'It refuses the refresh token of an ended session with its own error (`"client_id" mismatch`, `Session expired`), where RFC 6749 §5.2 requires `invalid_grant`. Calls fail until it has said so three times over at least an hour; then the user is asked to sign in again.',
      seen: 'did not refresh the tokens',
      remedy: 'Ask the user to sign out and in.',
      inPart: true,
    },
  },
}
