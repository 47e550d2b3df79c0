/** alteran: a PDS in a Cloudflare Worker. */
import { type Maker, SEEN, SERVER_REFUSED } from './maker.ts'

export const alteran: Maker = {
  name: 'alteran',
  language: 'TypeScript',
  version: '0.9.7',
  tried: SEEN,
  traits: {
    hasOneOrigin: true,
    refusePushed: ({ form }) =>
      form.get('client_id')?.startsWith('https:')
        ? undefined
        : {
            status: 400,
            json: {
              error: 'invalid_client',
              error_description: 'client_id must be a safe https metadata URL',
            },
          },
    comparesQuery: true,
    endedAccessToken: { status: 400, json: { error: 'ExpiredToken' } },
    replacedAccessToken: { status: 400, json: { error: 'InvalidToken' } },
    missingPermission: () => ({ status: 401, json: { error: 'InvalidToken' } }),
  },
  limits: {
    loopback: {
      theirs: 'It takes no loopback clients, so no one can sign in from `next dev` or the command line.',
      seen: 'client_id must be a safe https metadata URL',
      visitorReads: SERVER_REFUSED,
      remedy: 'Test with an account elsewhere, or at a public https address.',
    },
    query: {
      theirs:
        'It compares the `htu` of a proof with the whole URL. RFC 9449 §4.2 says that `htu` has no query, so each GET with a query is refused.',
      seen: 'it does not accept the proof',
      remedy: 'There is no remedy here; report it to alteran.',
    },
    permission: {
      theirs: 'It answers as if the token were invalid, and does not say that a permission is missing.',
      seen: 'InvalidToken',
      remedy: 'There is no remedy here; report it to alteran.',
    },
  },
  notes: ['Its README says that it is not ready for use.'],
}
