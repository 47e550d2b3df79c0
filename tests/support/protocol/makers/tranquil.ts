/** tranquil. */
import { collectionOf, type Maker, READ, SERVER_REFUSED } from './maker.ts'

const MIXED = 'Cannot mix transition scopes with granular scopes.'

export const tranquil: Maker = {
  name: 'tranquil',
  language: 'Rust',
  version: '0.6.5',
  tried: READ,
  traits: {
    hasOneOrigin: true,
    nonceLifetimeMs: 5 * 60_000,
    acceptsNoNonce: true,
    spendsCodeFirst: true,
    refusePushed: ({ form }) => {
      const words = form.get('scope')?.split(' ') ?? []
      const isMixed = words.some((word) => word.startsWith('transition:')) && words.some(isGranular)
      const json = { error: 'invalid_scope', error_description: MIXED }
      return isMixed ? { status: 400, json } : undefined
    },
    missingPermission: (scope) => ({
      status: 403,
      json: {
        error: 'InsufficientScope',
        message: `Insufficient scope to create records in ${collectionOf(scope)}`,
      },
    }),
  },
  limits: {
    mixedScope: {
      theirs: 'It refuses a sign-in that asks for `transition:…` and for any other permission.',
      seen: MIXED,
      visitorReads: SERVER_REFUSED,
      remedy: 'Ask for one kind with `signInScope`.',
    },
    permission: {
      theirs:
        'It does not say which permission is missing in a form that can be read, so `missingScope` and `askFor` are undefined.',
      seen: 'Insufficient scope to create records',
      remedy: 'Take the scope to ask for from your own code, not from the error.',
      inPart: true,
    },
  },
  notes: [
    'It uses up the code before it checks the nonce, so an old nonce would make the sign-in fail. The library never sends a nonce older than five minutes.',
  ],
}

function isGranular(word: string): boolean {
  return /^(repo|blob|rpc|account|identity|include)[:?]/.test(word)
}
