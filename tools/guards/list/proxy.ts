import type { Guard } from '../guard.ts'

/** The options proxy and fetch, and answers that are looked at before they are handed on: lib/net. */
export const proxyGuards: readonly Guard[] = [
  {
    file: 'net/http-proxy.ts',
    what: 'messages show the address of the proxy with its credentials',
    why: 'reads the credentials of the proxy in the log',
    from: 'origin: url.origin,',
    to: 'origin: url.href,',
    tests: ['unit/net/http-proxy', 'unit/net/proxy-failures'],
  },
  {
    file: 'net/http-proxy.ts',
    what: 'the credentials of the proxy are shown when it is printed',
    why: 'reads the credentials of the proxy in the log',
    from: 'origin: url.origin,',
    to: 'origin: url.origin,\n    ...{ credentials },',
    tests: ['unit/net/http-proxy'],
  },
  {
    file: 'net/proxy-tunnel.ts',
    what: 'an error keeps what a proxy sent, which may quote the credentials',
    why: 'reads the credentials of the proxy in the log',
    from: "return 'rawPacket' in error ? undefined : error",
    to: 'return error',
    tests: ['unit/net/hostile-proxy', 'unit/net/proxy-failures'],
  },
  {
    file: 'net/proxy-tunnel.ts',
    what: 'the certificate of a proxy is compared with the name of the server',
    why: 'gets the credentials of the proxy with a certificate for a server of its own',
    from: "servername: isIP(proxy.hostname) ? '' : proxy.hostname",
    to: 'servername: undefined',
    tests: ['unit/net/proxy-tunnel'],
  },
  {
    file: 'net/connections.ts',
    what: 'requests to privateHosts leave by the proxy',
    why: 'reads requests to the inner network at a proxy outside',
    from: 'return isDirect(hostname) ? https : tunnelled',
    to: 'return tunnelled',
    tests: ['unit/net/proxy-tunnel'],
  },
  {
    file: 'net/connections.ts',
    what: 'connections over http look names up unchecked',
    why: 'reads requests to this machine by a name that leads elsewhere',
    from: 'http: new HttpAgent({ ...options, lookup })',
    to: 'http: new HttpAgent(options)',
    tests: ['unit/net/guarded-fetch'],
  },
  {
    file: 'net/platform-fetch.ts',
    what: 'an answer may have up to 64 MiB with the option fetch',
    why: 'fills the memory with some answers',
    from: 'await readBytes(new Response(body), maxBytes, timeouts.url.origin)',
    to: 'await readBytes(new Response(body), 2 ** 26, timeouts.url.origin)',
    tests: ['unit/net/platform-fetch-limits'],
  },
  {
    file: 'net/peek-body.ts',
    what: 'an error of any size is read into memory',
    why: 'fills the memory with an error without end',
    from: 'while (!isWhole && size <= maxBytes) {',
    to: 'while (!isWhole) {',
    tests: ['protocol/calls/large-refusal', 'protocol/calls/refused-without-challenge'],
  },
]
