import { describe, expect, it } from 'vitest'
import { didYouMean, nearestName } from '../../../lib/config/nearest-name.ts'

const options = ['data-dir', 'json', 'http-proxy', 'private-host', 'allow-http', 'no-browser']

describe('nearestName', () => {
  it.each([
    ['proxy', 'http-proxy'],
    ['htttp-proxy', 'http-proxy'],
    ['privateHosts', 'private-host'],
    ['jsn', 'json'],
    ['jnso', 'json'],
    ['JSON', 'json'],
    ['browser', 'no-browser'],
    ['data', 'data-dir'],
  ])('finds what %s probably means', (written, meant) => {
    expect(nearestName(written, options)).toBe(meant)
  })

  it.each(['', 'x', 'bogus', 'constructor', 'p'.repeat(10_000)])('guesses nothing for %j', (written) => {
    expect(nearestName(written, options)).toBeUndefined()
  })

  it('prefers the name that differs in fewer letters', () => {
    expect(nearestName('logn', ['logout', 'login'])).toBe('login')
  })

  it('makes a sentence, or none', () => {
    expect([didYouMean('proxy', options), didYouMean('bogus', options)]).toEqual([
      ' Did you mean http-proxy?',
      '',
    ])
  })
})
