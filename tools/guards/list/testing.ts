import type { Guard } from '../guard.ts'

/** What applications test with: lib/testing. */
export const testingGuards: readonly Guard[] = [
  {
    file: 'testing/session/test-client.ts',
    what: 'a session without a sign-in can be made for a public site',
    why: 'makes sessions on a site that others use',
    from: 'if (!isLoopback && !isPrivateName(new URL(publicUrl).hostname)) {',
    to: 'if (false) {',
    tests: ['protocol/testing/signed-in-cookie'],
  },
  {
    file: 'testing/network/remote-control.ts',
    what: 'pages in a browser may tell the test network what to do',
    why: 'takes the accounts of the test network over by a page that the developer opens',
    from: "const isOfBrowser = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined",
    to: 'const isOfBrowser = false',
    tests: ['protocol/testing/pds'],
  },
  {
    file: 'testing/network/remote-control.ts',
    what: 'methods of the test network are looked up on the prototype',
    why: 'calls functions of JavaScript in the process of the tests',
    from: 'if (!Object.hasOwn(methods, name)) return',
    to: 'if (!(name in methods)) return',
    tests: ['protocol/testing/pds'],
  },
  {
    file: 'testing/servers/loopback-server.ts',
    what: 'the test network listens at every address of the machine',
    why: 'uses the test network from another machine',
    from: "server.listen(port, '127.0.0.1')",
    to: 'server.listen(port)',
    tests: ['unit/testing/servers/loopback-server'],
  },
]
