import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../../lib/errors.ts'
import { native, parseConfidential, parsePublic } from '../../../support/unit/client-metadata-input.ts'

const nowhere = [
  ...['https://localhost/cb', 'https://127.0.0.1/cb', 'https://[::1]/cb', 'https://intranet/cb'],
  ...['https://app.test/cb', 'https://app.local/cb', 'https://app.example/cb', 'https://app.invalid/cb'],
  ...['https://a.localhost/cb', 'https://[2606:4700::1]/cb', 'HTTPS://my-app.com/cb'],
]
const malformed = [
  '/callback',
  'https://',
  'https://my-app.com/cb#x',
  'https://my-app.com/cb#',
  'https://u:p@my-app.com/',
]
const dangerous = [
  'javascript:alert(1)',
  'data:text/html,x',
  'file:///etc/passwd',
  'ftp://my-app.com/',
  'intent:/x',
]
const loopback = ['http://127.0.0.1/cb', 'http://127.0.0.1:3000/cb', 'http://[::1]:3000/cb']
const plain = ['http://my-app.com/cb', 'http://localhost:3000/cb', 'http://127.0.0.2/cb']

describe('the redirect URIs of a web client', () => {
  it.each(['https://my-app.com/cb', 'https://other.host.dev:8443/cb?x=y', 'https://app.corp.internal/cb'])(
    'MD-8 may be %s',
    (uri) => {
      expect(parseConfidential({ redirect_uris: [uri] }).redirect_uris).toEqual([uri])
    },
  )

  const custom = ['com.my-app:/cb']
  it.each([...nowhere, ...malformed, ...dangerous, ...loopback, ...plain, ...custom])(
    'MD-8 may not be %s',
    (uri) => {
      const parse = () => parseConfidential({ redirect_uris: ['https://my-app.com/cb', uri] })
      expect(parse).toThrow(ConfigurationError)
      expect(parse).toThrow(uri)
    },
  )
})

describe('the redirect URIs of a native client', () => {
  const client_id = 'https://app.my-app.com/client.json'
  const parse = (uri: string) => parsePublic({ ...native, client_id, redirect_uris: [uri] })

  it.each(['https://my-app.com/cb', ...loopback, 'com.my-app.app:/cb', 'com.my-app.app:/'])(
    'may be %s',
    (uri) => {
      expect(parse(uri).redirect_uris).toEqual([uri])
    },
  )

  const custom = [
    'com.my-app:/cb',
    'app.my-app.com:/cb',
    'com.my-app.app://cb',
    'com.my-app.app:cb',
    'com.my-app.app.x:/cb',
    'myapp:/cb',
  ]
  it.each([...nowhere, ...malformed, ...dangerous, ...plain, ...custom])('may not be %s', (uri) => {
    expect(() => parse(uri)).toThrow(ConfigurationError)
  })
})
