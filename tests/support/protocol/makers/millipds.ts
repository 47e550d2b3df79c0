/** millipds: nobody can sign in with OAuth yet. */
import { type Limit, type Maker, READ } from './maker.ts'

const noSignIn: Limit = {
  theirs:
    'It expects JSON where the profile requires a form, and an `iss` claim that the profile does not have; it answers 500; and it has no token endpoint.',
  seen: 'answered 500',
  visitorReads: 'The server of that account is not responding. Try again in a few minutes.',
  remedy: 'There is no remedy here: the user needs an account elsewhere.',
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
