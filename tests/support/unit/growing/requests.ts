/** Requests of strangers, and what is typed. */
import {
  isCid,
  isDid,
  isHandle,
  isNsid,
  parseIdentifier,
  parseServerUrl,
} from '../../../../lib/identity/syntax.ts'
import { describeEncoding } from '../../../../lib/net/content-encoding.ts'
import { clientNetwork } from '../../../../lib/next/limits/client-address.ts'
import { resourceHeaders } from '../../../../lib/oauth/resource/request-body.ts'
import { parseCallback, shownParams } from '../../../../lib/oauth/sign-in/callback-parameters.ts'
import { readCookieNames, readCookieValues } from '../../../../lib/web/cookie-header.ts'
import { openCookie } from '../../../../lib/web/cookie-seal.ts'
import { describeUserAgent } from '../../../../lib/web/device-label.ts'
import { readForm } from '../../../../lib/web/form-body.ts'
import { createPathMatcher } from '../../../../lib/web/path-pattern.ts'
import { parseReturnTo } from '../../../../lib/web/return-to.ts'
import { type GrowingInputs, many } from './inputs.ts'

const letters = many('a')
const _json = { 'content-type': 'application/json' }
const header = (name: string, text: string) => new Headers({ [name]: text.replaceAll(/[^\x20-\x7e]/g, '') })

export const growingRequests: readonly GrowingInputs[] = [
  {
    parser: 'paths of the middleware',
    inputs: {
      slashes: many('/', '', 'x'),
      segments: many('/a'),
      escapes: many('%C3'),
      'good escapes': many('%C3%A9', '/'),
    },
    run: createPathMatcher(['/account/:path*', '/:locale/compose'], 'protect'),
  },
  {
    parser: 'returnTo',
    inputs: {
      slashes: many('/'),
      dots: many('/..'),
      backslashes: many('\\', '/'),
      parameters: many('&_rsc', '/?'),
      tabs: many('\t/', '/'),
      letters,
    },
    run: (text) => parseReturnTo(text, '/oauth'),
  },
  {
    parser: 'callback query',
    inputs: {
      parameters: (size) => Array.from({ length: size / 8 }, (_, at) => `p${at}=x`).join('&'),
      controls: many('%00', 'state=x&code='),
      value: many('a', 'state='),
      ampersands: many('&='),
      secrets: many('eyJhbGciOi', 'state=a&error=b&error_description='),
    },
    run: (text) => {
      const params = new URLSearchParams(text)
      shownParams(params)
      parseCallback(params)
    },
  },
  {
    parser: 'Cookie',
    inputs: {
      semicolons: many(';'),
      spaces: many(' ', 'a=b;', 'x'),
      pairs: many('__Host-atproto-flow-a=b;'),
      seals: many('*a', '__Host-atproto-session=Fe26.2'),
      letters,
    },
    async run(text) {
      readCookieNames(text, '__Host-atproto-flow-')
      for (const value of readCookieValues(text, '__Host-atproto-session'))
        await openCookie(value, 'session cookie', ['Zk4vTq9-mXc2_bRw7.LpYd8~HsJ3+fGn6'])
    },
  },
  { parser: 'User-Agent', inputs: { versions: many('Version/'), spaces: many(' ') }, run: describeUserAgent },
  {
    parser: 'client address',
    inputs: { colons: many(':'), brackets: many('['), digits: many('1.'), spaces: many(' ', '', 'x') },
    run: clientNetwork,
  },
  {
    parser: 'posted form',
    inputs: { fields: many('a=b&'), escapes: many('%00') },
    run: (body) =>
      readForm(
        new Request('https://app.host.dev', {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        }),
      ),
  },
  {
    parser: 'identifier',
    inputs: {
      labels: many('a.', '', 'dev'),
      hyphens: many('-'),
      ats: many('@'),
      invisible: many('\u200b'),
      slashes: many('/profile/'),
      letters,
      colons: many('did:'),
    },
    run(text) {
      for (const is of [isDid, isHandle, isNsid, isCid]) is(text)
      parseServerUrl(text)
      parseIdentifier(text)
    },
  },
  {
    parser: 'Connection, Content-Encoding',
    inputs: { spaces: many(' ', 'x-secret', 'x'), commas: many(','), names: many('a,') },
    run(text) {
      resourceHeaders({ connection: text, accept: '*/*' })
      describeEncoding(header('content-encoding', text))
    },
  },
]
