/** The reference PDS, and bsky.social, which stands in front of many of them. */
import type { Maker } from './maker.ts'

const missingPermission = (scope: string) => ({
  status: 403,
  json: { error: 'ScopeMissingError', message: `Missing required scope "${scope}"` },
})

export const bluesky: Maker = {
  name: 'Bluesky PDS',
  language: 'TypeScript',
  version: '0.5.35',
  tried: '[tests/integration](../tests/integration) runs the library against it',
  traits: { hasOneOrigin: true, missingPermission },
  limits: {},
  notes: ['It is the reference: what the other descriptions do not name is as here.'],
}

export const bskySocial: Maker = {
  name: 'bsky.social',
  language: 'TypeScript',
  version: 'not public',
  tried:
    'not seen: its source is not public. Described as the reference PDS behind another authorization server',
  traits: { missingPermission },
  limits: {},
  notes: ['Its authorization server and its PDSes are on different origins, each with its own nonces.'],
}
