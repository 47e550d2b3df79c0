/** Who may send a form, and who may not, by the headers that browsers and others send along. */
export type Sender = readonly [who: string, headers: Readonly<Record<string, string>>]

/** @param origin of the application, as browsers name it */
export function ownSenders(origin: string): readonly Sender[] {
  return [
    ['fetch metadata says so', { 'sec-fetch-site': 'same-origin', origin }],
    [
      'fetch metadata says so and Origin is null (no-referrer page)',
      { 'sec-fetch-site': 'same-origin', origin: 'null' },
    ],
    ['an old browser sends our Origin', { origin }],
  ]
}

/** @param origin of the application, as browsers name it */
export function foreignSenders(origin: string): readonly Sender[] {
  const { protocol, hostname, host, port } = new URL(origin)
  const otherProtocol = protocol === 'https:' ? 'http:' : 'https:'
  const otherPort = port === '8443' ? '9443' : '8443'
  const neighbour = `${protocol}//evil.${hostname}`
  return [
    ['another site (CSRF)', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.dev' }],
    ['another site that somehow sends our Origin', { 'sec-fetch-site': 'cross-site', origin }],
    ['a neighbouring subdomain', { 'sec-fetch-site': 'same-site', origin: neighbour }],
    ['no page at all', { 'sec-fetch-site': 'none' }],
    ['fetch metadata in another case', { 'sec-fetch-site': 'Same-Origin' }],
    ['an old browser on another site', { origin: 'https://evil.dev' }],
    ['an old browser on a longer name', { origin: `${protocol}//${hostname}.evil.dev` }],
    ['an old browser over another protocol', { origin: `${otherProtocol}//${host}` }],
    ['another port', { origin: `${protocol}//${hostname}:${otherPort}` }],
    ['a sandboxed frame', { origin: 'null' }],
    ['a client that says nothing', {}],
    ['a client with our Referer alone', { referer: `${origin}/sign-in` }],
    ['a client that forges Host', { host, 'x-forwarded-host': host }],
  ]
}
