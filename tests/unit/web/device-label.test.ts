import { describe, expect, it } from 'vitest'
import { describeUserAgent } from '../../../lib/web/device-label.ts'
import { labelled } from '../../support/unit/labelled.ts'

const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)'
const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)'
const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)'
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)'
const PHONE = 'Mozilla/5.0 (Linux; Android 10; K)'

describe('describeUserAgent', () => {
  it.each([
    ['Firefox on Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
    [
      'Firefox on Windows',
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
    ],
    ['Firefox on Android', 'Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0'],
    ['Firefox on iPhone', `${IPHONE} FxiOS/140.0 Mobile/15E148 Safari/605.1.15`],
    ['Chrome on macOS', `${MAC} ${WEBKIT} Chrome/138.0.0.0 Safari/537.36`],
    ['Chrome on Windows', `${WINDOWS} ${WEBKIT} Chrome/138.0.0.0 Safari/537.36`],
    ['Chrome on Android', `${PHONE} ${WEBKIT} Chrome/138.0.0.0 Mobile Safari/537.36`],
    ['Chrome on iPhone', `${IPHONE} CriOS/138.0.7204.119 Mobile/15E148 Safari/604.1`],
    [
      'Chrome on ChromeOS',
      `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/138.0.0.0 Safari/537.36`,
    ],
    ['Chrome on Linux', `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} HeadlessChrome/138.0.0.0 Safari/537.36`],
    ['Edge on Windows', `${WINDOWS} ${WEBKIT} Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0`],
    ['Edge on Android', `${PHONE} ${WEBKIT} Chrome/138.0.0.0 Mobile Safari/537.36 EdgA/138.0.0.0`],
    ['Opera on macOS', `${MAC} ${WEBKIT} Chrome/137.0.0.0 Safari/537.36 OPR/120.0.0.0`],
    [
      'Vivaldi on Linux',
      `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Chrome/137.0.0.0 Safari/537.36 Vivaldi/7.4`,
    ],
    [
      'Samsung Internet on Android',
      `${PHONE} ${WEBKIT} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
    ],
    [
      'DuckDuckGo on macOS',
      `${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15 Ddg/18.5`,
    ],
    ['Safari on macOS', `${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15`],
    ['Safari on iPhone', `${IPHONE} Version/18.5 Mobile/15E148 Safari/604.1`],
    [
      'Safari on iPad',
      'Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Safari/604.1',
    ],
    ['Firefox', 'Mozilla/5.0 (Unheard-of; rv:140.0) Gecko/20100101 Firefox/140.0'],
  ])('says %s', (label, userAgent) => {
    expect(describeUserAgent(userAgent)).toBe(label)
  })

  const unknown = [
    null,
    '',
    'curl/8.5.0',
    'node',
    'Mozilla/5.0',
    'Googlebot/2.1 (+http://www.google.com/bot.html)',
    '<script>alert(1)</script> on Linux',
    `${'x'.repeat(600)} Firefox/140.0`,
  ]
  it.each(labelled(unknown))('says nothing of what it does not know: %s', (_label, userAgent) => {
    expect(describeUserAgent(userAgent)).toBeUndefined()
  })

  it('shows nothing of the header’s own text', () => {
    expect(describeUserAgent('Firefox/<b>140</b> (Linux; \u202eevil)')).toBe('Firefox on Linux')
  })

  it('is done at once with a hostile header', () => {
    expect(describeUserAgent(`Version/${'Safari '.repeat(100_000)}`)).toBeUndefined()
  })
})
