/** rsky. */
import { collectionOf, type Maker, READ } from './maker.ts'

export const rsky: Maker = {
  name: 'rsky',
  language: 'Rust',
  version: '0.13.17',
  tried: READ,
  traits: {
    hasOneOrigin: true,
    // The quotes inside are not escaped.
    challenge: (error) => `DPoP error="${error}", error_description="DPoP "nonce" or token is refused"`,
    missingPermission: (scope) => ({
      status: 403,
      json: {
        error: 'InsufficientScope',
        message: `Token scope does not permit Create on ${collectionOf(scope)}`,
      },
    }),
  },
  limits: {
    permission: {
      theirs: 'It does not say which permission is missing, so `missingScope` and `askFor` are undefined.',
      seen: 'Token scope does not permit',
      remedy: 'Take the scope to ask for from your own code, not from the error.',
      inPart: true,
    },
  },
  notes: ['It sends quotes inside the texts of `WWW-Authenticate`, unescaped.'],
}
