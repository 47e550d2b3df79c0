import { describe, expect, it } from 'vitest'
import { ConfigurationError, StoreUnavailableError } from '../../../../lib/errors.ts'
import { isPassingFailure } from '../../../../lib/react/session/passing-failure.ts'

const withDigest = (digest: unknown) => Object.assign(new Error('An error of the server.'), { digest })

describe('isPassingFailure', () => {
  it.each([
    ['a store that is down', new StoreUnavailableError('down')],
    ['what is left in the browser of an error of the server', withDigest('2338745019')],
    ['the same with a code of Next', withDigest('2338745019@E394')],
  ])('holds for %s', (_what, error) => {
    expect(isPassingFailure(error)).toBe(true)
  })

  it.each([
    ['a configuration that is wrong', new ConfigurationError('wrong')],
    ['a mistake of the application', new TypeError('not a session')],
    ['a redirect of Next', withDigest('NEXT_REDIRECT;replace;/sign-in;307;')],
    ['a page that becomes dynamic', withDigest('DYNAMIC_SERVER_USAGE')],
    ['an error whose number was never set', withDigest(undefined)],
    ['no error', 'down'],
    ['nothing', undefined],
  ])('does not hold for %s', (_what, error) => {
    expect(isPassingFailure(error)).toBe(false)
  })
})
