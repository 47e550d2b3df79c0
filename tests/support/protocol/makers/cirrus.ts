/** Cirrus: a PDS in a Cloudflare Worker. */
import { type Maker, SEEN } from './maker.ts'

export const cirrus: Maker = {
  name: 'Cirrus',
  language: 'TypeScript',
  version: '0.18.0',
  tried: SEEN,
  traits: {
    hasOneOrigin: true,
    nonces: 'never',
    metadata: { revocation_endpoint: undefined },
    missingPermission: (scope) => ({
      status: 403,
      json: { error: 'InsufficientScope', message: `Missing required scope: ${scope}` },
    }),
  },
  limits: {
    signOut: {
      theirs:
        'Its metadata names no `revocation_endpoint`, although it has one. The session ends here at once; at the server its tokens work until they expire.',
      seen: 'revocation_endpoint',
      where: 'a warning in the log',
      remedy: 'There is no remedy here; report it to Cirrus.',
      inPart: true,
    },
  },
  warnings: ['DPoP-Nonce', 'revocation_endpoint'],
  notes: ['It sends no `DPoP-Nonce`, which the profile requires. The log has a warning.'],
}
