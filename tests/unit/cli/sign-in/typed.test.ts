/** What is typed and pasted, before anything is done with it. */
import { describe, expect, it } from 'vitest'
import { parseParams } from '../../../../lib/cli/calls/get.ts'
import { parseBody } from '../../../../lib/cli/calls/post.ts'
import { parsePasted } from '../../../../lib/cli/sign-in/complete-sign-in.ts'
import { describeClient } from '../../../../lib/cli/sign-in/static.ts'
import { UsageError } from '../../../../lib/cli/terminal/command.ts'
import { commandFor } from '../../../../lib/cli/terminal/open-browser.ts'
import { createTerminal } from '../../../support/unit/terminal.ts'

const DID = 'did:web:api.bsky.app#bsky_appview'

describe('a call of the commands that sign in', () => {
  it.each([
    [['login']],
    [['login', 'a.example', 'b.example']],
    [['login', 'a.example', '--timeout', '0']],
    [['login', 'a.example', '--timeout', '9999']],
    [['login', 'a.example', '--client-id', 'https://a.example/x.json']],
    [['login', 'a.example', '--two-phase', '--no-browser']],
    [['login', 'a.example', '--two-phase', '--env']],
    [['login', 'a.example', '--two-phase', '--redirect-uri', 'https://a.example/']],
    [['login', 'a.example', '--scope', 'repo:app.bsky.feed.post']],
    [['login', 'a.example', '--plc-directory', 'plc.directory']],
    [['login', 'a.example', '--plc-directory', 'http://127.0.0.1:1']],
    [['whoami', 'alice']],
    [['logout', '--all', '--did', 'a.example']],
    [['get']],
    [['get', 'com.atproto']],
    [['get', 'com.atproto.repo.getRecord', 'repo']],
    [['get', 'com.atproto.repo.getRecord', '--proxy', 'did:web:api.bsky.app']],
    [['post', 'com.atproto.repo.createRecord', 'x']],
    [['post', 'com.atproto.repo.createRecord', '--json', '{']],
    [['post', 'com.atproto.repo.createRecord', '--json', '@missing.json']],
    [['static']],
    [['static', 'site']],
    [['static', 'site', '--url', 'http://tools.my-site.org']],
  ])('is refused before anything is asked or kept: %j', async (args) => {
    const terminal = createTerminal()
    expect(await terminal.run(...args)).toBe(2)
    expect([terminal.printed(), terminal.printedErrors()]).toEqual(['', expect.stringContaining('--help')])
  })

  it.each(['login', 'complete', 'whoami', 'accounts', 'get', 'post', 'logout', 'static'])(
    'tells what %s takes, without doing it',
    async (name) => {
      const terminal = createTerminal()
      expect(await terminal.run(name, '--help')).toBe(0)
      expect(terminal.printed()).toContain(`Usage: next-atproto-auth ${name}`)
    },
  )

  it('ends with Ctrl-C at a question as shells count it', async () => {
    const { CancelledError } = await import('../../../../lib/cli/terminal/command.ts')
    const { runCommandLine } = await import('../../../../lib/cli/command-line.ts')
    const terminal = createTerminal({
      files: { 'package.json': '{"dependencies":{"next":"16.4.6"}}' },
      answers: [],
    })
    const ask = () => Promise.reject(new CancelledError())
    expect(await runCommandLine(['init'], { ...terminal, ask })).toBe(130)
    expect(terminal.printedErrors()).toBe('Cancelled.\n')
  })
})

describe('parsePasted', () => {
  it('mends what terminals do to long lines', () => {
    expect(parsePasted(' http://127.0.0.1/callback?sta\n te=a&code=b\r\n').href).toBe(
      'http://127.0.0.1/callback?state=a&code=b',
    )
  })

  it.each(['', 'state=a', 'http://127.0.0.1/callback?code=canary'])(
    'refuses %j without quoting it',
    (text) => {
      expect(() => parsePasted(text)).toThrow(UsageError)
      expect(() => parsePasted(text)).not.toThrow(/canary/)
    },
  )
})

describe('parseParams', () => {
  it('keeps further = and makes a list of a name that comes again', () => {
    expect(parseParams(['a=1', 'b=x=y', 'a=2', 'c='])).toEqual({ a: ['1', '2'], b: ['x=y'], c: [''] })
  })
})

describe('parseBody', () => {
  it('sends the very text, so that no number loses digits', async () => {
    const text = '{"n": 12345678901234567890}'
    expect(await parseBody(text).text()).toBe(text)
  })
})

describe('describeClient', () => {
  it('is a public client at that address, at a folder of it too', () => {
    expect(
      describeClient({ url: 'https://me.my-site.org/bot/', scope: `atproto rpc:*?aud=${DID}` }),
    ).toMatchObject({
      client_id: 'https://me.my-site.org/bot/oauth-client-metadata.json',
      redirect_uris: ['https://me.my-site.org/bot/callback/'],
      token_endpoint_auth_method: 'none',
      dpop_bound_access_tokens: true,
    })
  })
})

describe('commandFor', () => {
  const url = new URL('https://pds.my-site.org/?a=1&b=$(x)')

  it.each([
    ['darwin', {}, ['open', url.href]],
    ['win32', {}, ['rundll32', 'url.dll,FileProtocolHandler', url.href]],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, ['xdg-open', url.href]],
    ['linux', {}, undefined],
  ] as const)(
    'on %s with %j is a program with the address as one argument, or none',
    (platform, env, expected) => {
      expect(commandFor(url, env, platform)).toEqual(expected)
    },
  )
})
