/** ezpds. */
import { type Maker, READ } from './maker.ts'

export const ezpds: Maker = {
  name: 'ezpds',
  language: 'Rust',
  version: '0.12.0',
  tried: READ,
  traits: {
    hasOneOrigin: true,
    nonces: 'not at PAR',
    endedAccessToken: { status: 401, json: { error: 'ExpiredToken', message: 'token has expired' } },
    missingPermission: () => ({
      status: 403,
      json: { error: 'InsufficientScope', message: 'token scope does not permit this repo write' },
    }),
  },
  limits: {
    permission: {
      theirs: 'It does not say which permission is missing, so `missingScope` and `askFor` are undefined.',
      seen: 'token scope does not permit this repo write',
      remedy: 'Take the scope to ask for from your own code, not from the error.',
      inPart: true,
    },
  },
  warnings: ['DPoP-Nonce'],
  notes: ['Its answer to PAR has no `DPoP-Nonce`, which the profile requires. The log has a warning.'],
}
