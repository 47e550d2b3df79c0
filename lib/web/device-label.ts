/** A name for a browser in the list of devices. Not to be relied on: a browser can send any `User-Agent`. */

/** The first match counts: most browsers also name the ones that they are derived from. */
const browsers = [
  ['Edge', /\bEdg(e|A|iOS)?\//],
  ['Opera', /\b(OPR|OPiOS|OPT)\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Vivaldi', /\bVivaldi\//],
  ['DuckDuckGo', /\b(DuckDuckGo|Ddg)\//],
  ['Firefox', /\b(Firefox|FxiOS)\//],
  ['Chromium', /\bChromium\//],
  ['Chrome', /\b(Headless)?(Chrome|CriOS)\//],
  ['Safari', /\bVersion\/.*\bSafari\//],
] as const

const systems = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\bMac(intosh| OS X)\b/],
  ['Linux', /\bLinux\b/],
] as const

const MAX_LENGTH = 512

/**
 * Browser and operating system of a `User-Agent` (RFC 9110 §10.1.5), such as `Firefox on Linux`; undefined for a
 * browser that is not in the list.
 */
export function describeUserAgent(userAgent: string | null): string | undefined {
  const text = (userAgent ?? '').slice(0, MAX_LENGTH)
  const browser = browsers.find(([, pattern]) => pattern.test(text))?.[0]
  const system = systems.find(([, pattern]) => pattern.test(text))?.[0]
  return browser !== undefined && system !== undefined ? `${browser} on ${system}` : browser
}
