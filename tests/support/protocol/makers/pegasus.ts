/** pegasus. */
import { type Maker, READ, SERVER_REFUSED } from './maker.ts'

export const pegasus: Maker = {
  name: 'pegasus',
  language: 'OCaml',
  version: 'none; source as of November 2026',
  tried: READ,
  traits: {
    hasOneOrigin: true,
    refusePushed: ({ form }) =>
      form.get('client_id')?.startsWith('https:')
        ? undefined
        : { status: 400, json: { error: 'InvalidRequest', message: 'failed to fetch client metadata' } },
    refusedRefreshToken: {
      status: 400,
      json: { error: 'InvalidRequest', message: 'invalid refresh token' },
    },
    endedAccessToken: { status: 400, json: { error: 'ExpiredToken' } },
    missingPermission: (scope) => ({
      status: 401,
      json: { error: 'InsufficientScope', message: `Missing required scope "${scope}"` },
    }),
    metadata: { revocation_endpoint: undefined },
    // `?action=create&action=delete` becomes `?action=create,delete`.
    grantedScope: (asked) => asked.replaceAll('&action=', ','),
  },
  limits: {
    loopback: {
      theirs: 'It takes no loopback clients, so no one can sign in from `next dev` or the command line.',
      seen: 'failed to fetch client metadata',
      visitorReads: SERVER_REFUSED,
      remedy: 'Test with an account elsewhere, or at a public https address.',
    },
    endedSession: {
      theirs:
        'It refuses the refresh token of an ended session with its own error (`InvalidRequest`, `invalid refresh token`), where RFC 6749 §5.2 requires `invalid_grant`. Calls fail until it has said so three times over at least an hour; then the user is asked to sign in again.',
      seen: 'did not refresh the tokens',
      remedy: 'Ask the user to sign out and in.',
      inPart: true,
    },
    signOut: {
      theirs:
        'It has no revocation endpoint. The session ends here at once; at the server its tokens work until they expire.',
      seen: 'revocation_endpoint',
      where: 'a warning in the log',
      remedy: 'There is no remedy here; report it to pegasus.',
      inPart: true,
    },
  },
  notes: [
    'It grants two actions as `?action=create,delete`, which is no scope of the AT Protocol. `session.can()` reads it all the same.',
  ],
  warnings: ['revocation_endpoint'],
}
