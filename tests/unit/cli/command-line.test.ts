import { describe, expect, it } from 'vitest'
import { createTerminal, newApp } from '../../support/unit/terminal.ts'

describe('the command line', () => {
  it.each([[], ['help'], ['--help'], ['-h']])('lists its commands (%j)', async (...args) => {
    const terminal = createTerminal()
    expect(await terminal.run(...args)).toBe(0)
    for (const name of ['init', 'keys', 'doctor']) expect(terminal.printed()).toContain(`\n  ${name} `)
  })

  it.each(['init', 'keys', 'doctor'])('tells what %s takes, without doing it', async (name) => {
    const terminal = createTerminal()
    expect(await terminal.run(name, '--help')).toBe(0)
    expect(terminal.printed()).toContain(`Usage: next-atproto-auth ${name}`)
  })

  it.each([
    ['unknown'],
    ['constructor'],
    ['keys', '--bogus'],
    ['keys', 'sell'],
    ['keys', 'public', 'extra'],
    ['keys', '--write'],
    ['init', '--bogus'],
    ['init', 'extra'],
    ['doctor', '--mode', 'staging'],
    ['doctor', '--mode'],
  ])('refuses what it does not know: %s %s %s', async (...args) => {
    const terminal = createTerminal({ files: newApp })
    expect(await terminal.run(...args.filter((word) => word !== undefined))).toBe(2)
    expect(terminal.printedErrors()).not.toBe('')
    expect(terminal.printed()).toBe('')
  })

  it.each([
    [['lgin'], 'Unknown command "lgin". Did you mean login?'],
    [['login', 'a.dev', '--proxy', 'http://proxy'], 'Unknown option --proxy. Did you mean --http-proxy?'],
    [['keys', '--wirte'], 'Unknown option --wirte. Did you mean --write?'],
    [['keys', '--bogus'], 'Unknown option --bogus.'],
    [['keys', '-x'], 'Unknown option -x.'],
    [['keys', '--constructor'], 'Unknown option --constructor.'],
    [['keys', '--write=yes'], '--write takes no value.'],
    [['doctor', '--mode'], '--mode needs a value.'],
    [
      ['doctor', '--mode', '--json'],
      '--mode needs a value. Write one that begins with a hyphen as --mode=--json.',
    ],
    [['get', 'foo'], '"foo" is not the name of an XRPC method, such as app.bsky.actor.getProfile.'],
    [['get'], 'Missing argument: the name of an XRPC method, such as app.bsky.actor.getProfile.'],
  ])('says what is wrong with %j', async (args, message) => {
    const terminal = createTerminal({ files: newApp })
    expect(await terminal.run(...args)).toBe(2)
    expect(terminal.printedErrors().split('\n')[0]).toBe(message)
  })

  it('SF-6 prints what was typed as text, whatever it holds', async () => {
    const terminal = createTerminal()
    expect(await terminal.run('a\u009b31m\u202eb')).toBe(2)
    expect(terminal.printedErrors()).toContain('Unknown command "a\\u009b31m\\u202eb".\n\nUsage:')
  })

  it('says in one line what the system refused, without a stack', async () => {
    const terminal = createTerminal({ files: newApp })
    expect(await terminal.run('static', 'package.json', '--url', 'https://tools.my-site.org')).toBe(1)
    expect(terminal.printedErrors()).toMatch(/^E[A-Z]+: .*package\.json.*\n$/)
  })

  it('says in one line what is wrong, without a stack', async () => {
    const terminal = createTerminal()
    expect(await terminal.run('init', '--yes')).toBe(1)
    expect(terminal.printedErrors()).toMatch(/^There is no package\.json in .*\n$/)
  })
})
