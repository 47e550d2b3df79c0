/** What createAtprotoAuth says of options that cannot be right: all of it, at once. */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { generatePrivateJwk } from '../../../../lib/crypto/keyset.ts'
import { createAtprotoAuth } from '../../../../lib/next/auth.ts'
import { createConfigLoader } from '../../../../lib/next/config/load-config.ts'
import type { AtprotoAuthOptions } from '../../../../lib/next/config/options.ts'
import { createMemoryStore } from '../../../../lib/store/memory.ts'
import { refusalOf } from '../../../support/refusal.ts'

const PUBLIC_URL = 'https://app.host.dev'
const SECRET = 'Zk4vTq9-mXc2_bRw7.LpYd8~HsJ3+fGn6'
/** All that is demanded of an application under development. */
const development = { publicUrl: 'http://127.0.0.1:3000', secret: SECRET }
const localNetwork = { plcDirectory: 'http://127.0.0.1:2582', handleResolver: 'http://127.0.0.1:2583' }
const confidential = { publicUrl: PUBLIC_URL, secret: SECRET, clientKeys: await generatePrivateJwk() }
const silent = { warn() {}, error() {} }

const messageOf = async (options: object) => {
  const { message } = await refusalOf(
    createConfigLoader({ logger: silent, ...options } as AtprotoAuthOptions)(),
  )
  return message
}

describe('options', () => {
  it('are reported all at once, each with the fix', async () => {
    const message = await messageOf({ secret: 'changeme', signInPage: 'sign-in', scope: 'openid' })
    const [head, ...lines] = message.split('\n')
    expect(head).toMatch(/^\d configuration problems:$/)
    expect(lines).toEqual([
      expect.stringContaining('- The option signInPage must be a path'),
      expect.stringContaining('- PUBLIC_URL is missing: set it'),
      expect.stringContaining('- The scope must contain "atproto"'),
      expect.stringContaining('- ATPROTO_SECRET is too weak'),
      expect.stringContaining('- ATPROTO_CLIENT_KEYS is missing'),
    ])
    expect(message).not.toContain('changeme')
  })

  it('are reported all at once when some are misspelt or of a wrong kind as well', async () => {
    const { plcDirectory, handleResolver } = localNetwork
    const message = await messageOf({
      clientname: 'x',
      secret: 'changeme',
      scope: ['atproto'],
      signInPage: 'sign-in',
      afterSignIn: '//evil.dev',
      loginLimits: { perAdress: 3, overall: 0 },
      logoUri: 'http://[',
      tosUri: 'terms',
      policyUri: '//evil.dev',
      store: {},
      localNetwork: { plcDirectory, handleResolver, CA: 'x' },
      plcDirectory: 'nowhere',
    })
    expect(message.split('\n').slice(1)).toEqual([
      expect.stringContaining('- The option scope must be a string.'),
      expect.stringContaining('- The option store must be a store'),
      expect.stringContaining('- The option signInPage must be a path'),
      expect.stringContaining('- The option afterSignIn must be a path'),
      expect.stringContaining('- The option logoUri must be'),
      expect.stringContaining('- The option tosUri must be'),
      expect.stringContaining('- The option policyUri must be'),
      expect.stringContaining('- The option loginLimits.overall must be a whole number above 0.'),
      expect.stringContaining(
        '- There is no option loginLimits.perAdress. Did you mean perAddress? Those of loginLimits are perAddress,',
      ),
      expect.stringContaining(
        '- There is no option localNetwork.CA. Did you mean ca? Those of localNetwork are plcDirectory,',
      ),
      expect.stringContaining('- There is no option clientname. Did you mean clientName? The options are'),
      expect.stringContaining('- PUBLIC_URL is missing'),
      expect.stringContaining('- The option plcDirectory must be the https origin'),
      expect.stringContaining('- ATPROTO_SECRET is too weak'),
      expect.stringContaining('- ATPROTO_CLIENT_KEYS is missing'),
    ])
    expect(message).not.toContain('changeme')
  })

  it('of a wrong kind are not said to be missing besides', async () => {
    expect(await messageOf({ publicUrl: 7, secret: 7, scope: 7 })).not.toMatch(/missing: set|ATPROTO_SECRET/)
  })

  it('are a sentence when one thing is wrong', async () => {
    expect(await messageOf({ publicUrl: PUBLIC_URL, secret: SECRET })).toMatch(
      /^ATPROTO_CLIENT_KEYS is missing/,
    )
  })

  it.each([
    [
      'clientname',
      { clientname: 'x' },
      /^There is no option clientname\. Did you mean clientName\? The options are clientName, scope/,
    ],
    ['nonsense', { nonsense: 'x' }, /^There is no option nonsense\. The options are clientName, scope/],
    ['privateHost', { privateHost: [] }, /^There is no option privateHost\. Did you mean privateHosts\? The/],
    ['scope', { scope: ['atproto'] }, /^The option scope must be a string\.$/],
    ['secret', { secret: 7 }, /^The option secret must be a string or a list of strings\.$/],
    ['onSignIn', { onSignIn: 'x' }, /^The option onSignIn must be a function\.$/],
    ['logger', { logger: { warn() {} } }, /^The option logger must have the functions warn and error\.$/],
    ['signUpHosts', { signUpHosts: ['bsky.social'] }, /^The option signUpHosts\.0 must be the origin/],
    [
      'allowServerAddress',
      { allowServerAddress: 'yes' },
      /^The option allowServerAddress must be true or false\.$/,
    ],
    ['sessionIdleMs', { sessionIdleMs: 30 }, /^The option sessionIdleMs must be at least a minute/],
    [
      'sessionLifetimeMs',
      { sessionLifetimeMs: '30d' },
      /^The option sessionLifetimeMs must be a number of milliseconds\.$/,
    ],
    ['store', { store: 'redis://x' }, /^The option store must be a store, as /],
    ['privateHosts', { privateHosts: 'pds.lan' }, /^The option privateHosts must be a list of host names\.$/],
    ['proxy', { proxy: 3128 }, /^The option proxy must be a string\.$/],
    ['resolveTxt', { resolveTxt: 'https://x' }, /^The option resolveTxt must be a function\.$/],
    ['store without functions', { store: {} }, /^The option store must be a store, as /],
    ['loginLimits', { loginLimits: 3 }, /^The option loginLimits must be an object or false\.$/],
    ['loginLimits: true', { loginLimits: true }, /^The option loginLimits must be an object or false\.$/],
    ['a misspelt limit', { loginLimits: { perAdress: 3 } }, /^There is no option loginLimits\.perAdress\./],
    [
      'localNetwork',
      { localNetwork: {} },
      /The option localNetwork\.plcDirectory .*\n.*localNetwork\.handleR/,
    ],
    ['localNetwork: true', { localNetwork: true }, /^The option localNetwork must be an object/],
  ])('of a wrong kind are named: %s', async (_name, options, expected) => {
    expect(await messageOf({ ...development, ...options })).toMatch(expected)
  })

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '7'])('are no limits of %s', async (overall) => {
    expect(await messageOf({ ...development, loginLimits: { overall } })).toBe(
      'The option loginLimits.overall must be a whole number above 0.',
    )
  })

  it.each([
    'oauth',
    '',
    '//evil.dev',
    '/\\evil.dev',
    'https://evil.dev',
    '/a?b',
    '/a#b',
    '/a b',
    '/a\n',
    '\\a',
  ])('X6 are no paths of %j', async (signInPage) => {
    expect(await messageOf({ ...development, signInPage })).toMatch(/^The option signInPage must be a path/)
  })

  it.each(['/', '/oauth/', 'oauth', '//oauth'])('are no base of %j', async (basePath) => {
    expect(await messageOf({ ...development, basePath })).toMatch(/^The option basePath must be a path/)
  })

  it.each(['http://[', 'http://app.host.dev/x', 'logo.svg', '//evil.dev/x', 'javascript:alert(1)', ''])(
    'MD-9 are no address of a logo: %j',
    async (logoUri) => {
      expect(await messageOf({ ...development, logoUri })).toMatch(
        /^The option logoUri must be an https URL, or a path/,
      )
    },
  )

  it('CF-4 ask for nothing at a sign-in that the client does not declare', async () => {
    const options = development
    expect(await messageOf({ ...options, signInScope: 'atproto repo:a.b.c' })).toBe(
      'The option signInScope contains "repo:a.b.c", which the option scope does not contain.',
    )
    expect(await messageOf({ ...options, scope: 'atproto repo:a.b.c', signInScope: 'repo:a.b.c' })).toMatch(
      /must contain "atproto"/,
    )
  })

  it('are all taken when they are left out', async () => {
    const options = { ...development, clientName: undefined, onError: undefined, loginLimits: undefined }
    expect((await createConfigLoader(options)()).scopes).toEqual({ declared: 'atproto', signIn: 'atproto' })
  })
})

describe('the option privateHosts', () => {
  it('takes full host names', async () => {
    const options = { ...confidential, privateHosts: ['pds.example.com', 'pds.lan', 'pds.home.arpa'] }
    await expect(createConfigLoader(options)()).resolves.toBeDefined()
  })

  it.each([
    '*.example.com',
    '192.168.1.10',
    'pds',
    'https://pds.example.com',
    'PDS.example.com',
    'a.localhost',
  ])('takes no %s', async (host) => {
    expect(await messageOf({ ...confidential, privateHosts: [host] })).toMatch(
      /^The option privateHosts\.0 must be a full host name in lower case/,
    )
    expect(await messageOf({ ...confidential, privateHosts: [host] })).toContain(` It is "${host}".`)
  })

  it.each(['pds.example.com', true, {}])('must be a list: %j', async (privateHosts) => {
    expect(await messageOf({ ...confidential, privateHosts })).toBe(
      'The option privateHosts must be a list of host names.',
    )
  })

  it('lets the PLC directory be a named host', async () => {
    const plcDirectory = 'https://plc.lan'
    await expect(
      createConfigLoader({ ...confidential, plcDirectory, privateHosts: ['plc.lan'] })(),
    ).resolves.toBeDefined()
    expect(await messageOf({ ...confidential, plcDirectory, privateHosts: ['pds.lan'] })).toMatch(
      /^The option plcDirectory must be the https origin of a public server/,
    )
  })

  it('makes no name of a private network the address of the application', async () => {
    const options = { ...confidential, publicUrl: 'https://app.lan', privateHosts: ['app.lan'] }
    expect(await messageOf(options)).toMatch(/^PUBLIC_URL becomes the client_id, which needs a public domain/)
  })
})

describe('the option signUpHosts', () => {
  const signUpHosts = ['https://bsky.social', 'https://pds.lan']

  it.each(['https://pds.lan', 'https://10.0.0.1', 'http://pds.example.com', 'https://pds.test'])(
    'takes no address to which no request may go: %s',
    async (host) => {
      const options = { ...confidential, signUpHosts: ['https://bsky.social', host] }
      expect(await messageOf(options)).toMatch(
        /^The option signUpHosts\.1 names a server to which no request may go\. Refused to contact https?:/,
      )
    },
  )

  it('takes a host that privateHosts names', async () => {
    const options = { ...confidential, signUpHosts, privateHosts: ['pds.lan'] }
    await expect(createConfigLoader(options)()).resolves.toBeDefined()
  })
})

describe('the option connect', () => {
  const hooks = { currentUser: () => 'ann', onConnected: () => undefined }

  it('takes two functions', async () => {
    expect((await createConfigLoader({ ...development, connect: hooks })()).connect).toBe(hooks)
    expect((await createConfigLoader(development)()).connect).toBeUndefined()
  })

  it.each(['currentUser', 'onConnected'])('takes no other thing as %s', async (name) => {
    for (const value of [undefined, 'ann', {}]) {
      expect(await messageOf({ ...development, connect: { ...hooks, [name]: value } })).toBe(
        `The option connect.${name} must be a function.`,
      )
    }
  })

  it.each([true, 'ann', () => 'ann'])('must be an object: %o', async (connect) => {
    expect(await messageOf({ ...development, connect })).toBe(
      'The option connect must be an object with currentUser and onConnected.',
    )
  })

  it('has no other properties', async () => {
    expect(await messageOf({ ...development, connect: { ...hooks, onDisconnected: () => undefined } })).toBe(
      'There is no option connect.onDisconnected. Did you mean onConnected? Those of connect are currentUser, onConnected.',
    )
  })
})

describe('the option proxy', () => {
  it.each(['http://proxy.internal:3128', 'https://user:p%40ss@10.0.0.1', 'http://localhost:3128'])(
    'takes the address of a proxy: %s',
    async (proxy) => {
      await expect(createConfigLoader({ ...confidential, proxy })()).resolves.toBeDefined()
    },
  )

  it.each(['proxy.internal:3128', 'socks5://user:canary@proxy:1080', 'http://proxy/canary', ' '])(
    'takes no %j, and does not quote it',
    async (proxy) => {
      const message = await messageOf({ ...confidential, proxy })
      expect(message).toMatch(/^The option proxy must be the http or https address of a proxy, such as/)
      expect(message).not.toContain('canary')
    },
  )

  it('takes an empty text, as an empty environment variable has it, for none', async () => {
    await expect(createConfigLoader({ ...confidential, proxy: '' })()).resolves.toBeDefined()
  })

  it.each([
    ['1', undefined, 1],
    ['1', '', 1],
    ['1', 'http://proxy.internal:3128', 0],
    ['0', undefined, 0],
    [undefined, undefined, 0],
  ])(
    'is missed when Node.js itself uses a proxy: NODE_USE_ENV_PROXY=%s with %s',
    async (value, proxy, count) => {
      vi.stubEnv('NODE_USE_ENV_PROXY', value)
      onTestFinished(() => void vi.unstubAllEnvs())
      const log = createRecordedLog()
      await createConfigLoader({ ...confidential, proxy }, log)()
      expect(log.lines.filter((line) => line.startsWith('NODE_USE_ENV_PROXY is set, but'))).toHaveLength(
        count,
      )
    },
  )
})

/** A log that has written nothing yet, whatever other tests of the process have logged. */
function createRecordedLog() {
  const lines: string[] = []
  const write = (line: string) => void lines.push(line)
  const log = {
    warn: write,
    warnOnce: write,
    warnSeldom: (_kind: string, line: string) => write(line),
    errorOnce: write,
    failure: () => undefined,
    reference: undefined,
  }
  return { lines, ...log, forRequest: createRecordedLog }
}

describe('the servers that the options name', () => {
  it.each([
    'http://plc.evil.example',
    'http://127.0.0.1:2582',
    'https://127.0.0.1:2582',
    'https://10.0.0.1',
    'https://plc.internal',
    'javascript:alert(1)',
    'https://user@plc.host.dev',
    'https://plc.host.dev/path',
    'https://plc.host.dev?x',
    'plc.host.dev',
  ])('LB-5: a public name takes no PLC directory at %s', async (plcDirectory) => {
    expect(await messageOf({ ...confidential, plcDirectory })).toMatch(
      /^The option plcDirectory must be the https origin of a public server/,
    )
  })

  it.each(['http://127.0.0.1:2582', 'http://plc.host.dev'])(
    'LB-5: nor does an application under development without localNetwork, which could not reach it: %s',
    async (plcDirectory) => {
      expect(await messageOf({ ...development, plcDirectory })).toMatch(
        /^The option plcDirectory.*localNetwork/,
      )
    },
  )

  it.each(['https://plc.host.dev', 'https://plc.host.dev/', 'https://plc.host.dev:8443'])(
    'may be another PLC directory, by https: %s',
    async (plcDirectory) => {
      await expect(createConfigLoader({ ...confidential, plcDirectory })()).resolves.toBeDefined()
    },
  )

  it.each([
    'https://user@resolver.host.dev',
    'https://resolver.host.dev/xrpc',
    'http://resolver.host.dev',
    'https://10.0.0.1',
    'https://resolver.internal',
    'resolver.host.dev',
    '',
    7,
    {},
    { resolve: 'https://resolver.host.dev' },
    null,
  ])('take no fallback resolver %j', async (fallbackResolver) => {
    expect(await messageOf({ ...confidential, fallbackResolver })).toMatch(
      /^The option fallbackResolver must be the https origin of a public server/,
    )
  })

  it.each(['https://resolver.host.dev', { resolve: async () => null }])(
    'take the fallback resolver %o',
    async (fallbackResolver) => {
      await expect(createConfigLoader({ ...confidential, fallbackResolver })()).resolves.toBeDefined()
    },
  )

  it('hand the fallback resolver to the client, which asks it about a handle', async () => {
    const asked: string[] = []
    const fallbackResolver = {
      async resolve(handle: string) {
        asked.push(handle)
        return null
      },
    }
    const store = createMemoryStore()
    const { client } = await createConfigLoader({ ...development, store, fallbackResolver })()
    // Too long for a TXT record, and no request goes to its host: nothing leaves this machine.
    const handle = `${'a.'.repeat(123)}a.lan`
    await expect(client.start(handle)).rejects.toMatchObject({ code: 'identity_not_found' })
    expect(asked).toEqual([handle])
  })

  it.each([
    ['plcDirectory', 'javascript:alert(1)'],
    ['plcDirectory', 'http://plc.evil.example'],
    ['plcDirectory', 'http://10.0.0.1:2582'],
    ['handleResolver', 'ftp://127.0.0.1'],
    ['handleResolver', 'http://127.0.0.1:2583/path'],
  ])('LB-5: a network on this machine has no %s at %s', async (name, address) => {
    const options = { ...development, localNetwork: { ...localNetwork, [name]: address } }
    expect(await messageOf(options)).toMatch(
      new RegExp(`^The option localNetwork\\.${name} must be the origin`),
    )
  })

  it('LB-5: nothing is refused while the application is built', async () => {
    const log: string[] = []
    const logger = { warn: (line: string) => log.push(line), error: (line: string) => log.push(line) }
    const { handlers } = createAtprotoAuth({
      publicUrl: PUBLIC_URL,
      localNetwork,
      plcDirectory: 'http://x',
      logger,
    })
    // A build asks routes for what could be prerendered; Next ends that with a signal of its own.
    const signal = new Error('Dynamic server usage')
    const building = {
      get headers(): Headers {
        throw signal
      },
    } as Request
    await expect(handlers.clientMetadata.GET(building)).rejects.toBe(signal)
    expect(log).toEqual([])
    const answer = await handlers.clientMetadata.GET(new Request(`${PUBLIC_URL}/oauth-client-metadata.json`))
    expect([answer.status, log.join()]).toEqual([
      500,
      expect.stringContaining('localNetwork is for development on this machine'),
    ])
  })
})
