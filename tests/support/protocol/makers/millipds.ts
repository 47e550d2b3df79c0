/** millipds: nobody can sign in with OAuth yet. */
import { type Limit, type Maker, READ } from './maker.ts'

const noSignIn: Limit = {
  theirs:
    'Its OAuth is not finished: it wants JSON and a claim `iss` where the profile has a form and none, fails with status 500, and has no token endpoint.',
  seen: 'answered 500',
  visitorReads: 'The server of that account is not responding. Try again in a few minutes.',
}

export const millipds: Maker = {
  name: 'millipds',
  language: 'Python',
  version: '0.0.5',
  tried: READ,
  traits: {
    hasOneOrigin: true,
    refusePushed: () => ({ status: 500, body: '500 Internal Server Error' }),
  },
  limits: { confidential: noSignIn },
  notes: [
    'Status 500 cannot be told apart from an outage, so the sign-in page advises to try again. It does not help.',
  ],
}
