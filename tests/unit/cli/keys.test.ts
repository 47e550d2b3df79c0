import { statSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, it } from 'vitest'
import { importKeyset } from '../../../lib/crypto/keyset.ts'
import { createTerminal, type TestTerminal } from '../../support/unit/terminal.ts'

const newLines = async () => {
  const terminal = createTerminal()
  await terminal.run('keys')
  return terminal.printed()
}
const kidsIn = async (text: string | undefined) =>
  (await importKeyset(text)).publicJwks.keys.map(({ kid }) => kid)
const publicKids = async (terminal: TestTerminal) => {
  const before = terminal.printed().length
  expect(await terminal.run('keys', 'public')).toBe(0)
  const { keys } = JSON.parse(terminal.printed().slice(before))
  return keys.map(({ kid }: { kid: string }) => kid)
}

describe('keys', () => {
  it('prints a secret and a key that an .env file takes', async () => {
    const { ATPROTO_SECRET, ATPROTO_CLIENT_KEYS } = parseEnv(await newLines())
    expect(ATPROTO_SECRET).toMatch(/^[\w-]{43}$/)
    expect(await kidsIn(ATPROTO_CLIENT_KEYS)).toHaveLength(1)
  })

  it('prints the same as JSON', async () => {
    const terminal = createTerminal()
    expect(await terminal.run('keys', 'generate', '--json')).toBe(0)
    const { ATPROTO_SECRET, ATPROTO_CLIENT_KEYS } = JSON.parse(terminal.printed())
    expect(ATPROTO_SECRET).toHaveLength(43)
    expect(await kidsIn(ATPROTO_CLIENT_KEYS)).toHaveLength(1)
  })
})

describe('keys rotate', () => {
  it('adds a new key after the others, which keep their ids and sign until servers know the new one', async () => {
    const env = { ATPROTO_CLIENT_KEYS: parseEnv(await newLines()).ATPROTO_CLIENT_KEYS ?? '' }
    const before = await kidsIn(env.ATPROTO_CLIENT_KEYS)
    const terminal = createTerminal({ env })
    expect(await terminal.run('keys', 'rotate')).toBe(0)
    const after = await kidsIn(parseEnv(terminal.printed()).ATPROTO_CLIENT_KEYS)
    expect(after).toEqual([...before, expect.any(String)])
    expect(terminal.printedErrors()).toContain(`keys rotate --finish=${after[1]}`)
  })

  it('--finish moves the key to the front, and says so when it is there', async () => {
    const terminal = createTerminal({ files: { '.env.local': await newLines() } })
    const [old = ''] = await publicKids(terminal)
    await terminal.run('keys', 'rotate', '--write')
    const [, added = ''] = await publicKids(terminal)
    for (const said of ['signs new sign-ins', 'signs new sign-ins already']) {
      expect(await terminal.run('keys', 'rotate', `--finish=${added}`, '--write')).toBe(0)
      expect(terminal.printed()).toContain(`The key ${added} ${said}`)
      expect(await publicKids(terminal)).toEqual([added, old])
    }
  })

  it('--finish prints the keys without --write', async () => {
    const lines = await newLines()
    const terminal = createTerminal({ files: { '.env.local': lines } })
    const [kid = ''] = await publicKids(terminal)
    const quiet = terminal.printed().length
    expect(await terminal.run('keys', 'rotate', `--finish=${kid}`, '--json')).toBe(0)
    expect(await kidsIn(JSON.parse(terminal.printed().slice(quiet)).ATPROTO_CLIENT_KEYS)).toEqual([kid])
    expect(terminal.read('.env.local')).toBe(lines)
  })

  it('--finish refuses an id that no key has, and changes nothing', async () => {
    const lines = await newLines()
    const terminal = createTerminal({ files: { '.env.local': lines } })
    expect(await terminal.run('keys', 'rotate', '--finish=other', '--write')).toBe(1)
    expect(terminal.printedErrors()).toContain('No key has the id "other"')
    expect(terminal.read('.env.local')).toBe(lines)
  })

  it.each([
    ['--write', 'public'],
    ['--finish=x', 'generate'],
  ])('refuses %s for another action', async (option, action) => {
    const terminal = createTerminal()
    expect(await terminal.run('keys', action, option)).toBe(2)
    expect(terminal.printedErrors()).toContain('can only be used with "keys rotate"')
  })

  it('keeps the id of a key without one, by which servers know it', async () => {
    const [jwk] = JSON.parse(parseEnv(await newLines()).ATPROTO_CLIENT_KEYS ?? '').keys
    const nameless = JSON.stringify({ ...jwk, kid: undefined })
    const terminal = createTerminal({ env: { ATPROTO_CLIENT_KEYS: nameless } })
    await terminal.run('keys', 'rotate')
    const after = await kidsIn(parseEnv(terminal.printed()).ATPROTO_CLIENT_KEYS)
    expect(after.slice(0, 1)).toEqual(await kidsIn(nameless))
  })

  it('changes the line of the file that has it, shows no key, and leaves the rest alone', async () => {
    const lines = await newLines()
    const terminal = createTerminal({ files: { '.env.local': `# mine\n${lines}OTHER=1\n` } })
    const [before] = await publicKids(terminal)
    const quiet = terminal.printed().length
    expect(await terminal.run('keys', 'rotate', '--write')).toBe(0)
    expect(terminal.printed().slice(quiet)).not.toContain('"d"')
    const kids = await publicKids(terminal)
    expect(kids).toEqual([before, expect.any(String)])
    const [secret = ''] = lines.split('\n')
    expect(terminal.read('.env.local')).toMatch(
      new RegExp(`^# mine\n${secret}\nATPROTO_CLIENT_KEYS=.*\nOTHER=1\n$`),
    )
    expect(statSync(join(terminal.folder, '.env.local')).mode & 0o777).toBe(0o600)
  })

  it('leaves a file alone that stands where it would write its draft', async () => {
    const theirs = `.env.${process.pid}.local`
    const files = { '.env.local': await newLines(), [theirs]: 'THEIRS=1\n' }
    const terminal = createTerminal({ files })
    expect(await terminal.run('keys', 'rotate', '--write')).toBe(1)
    expect(terminal.printedErrors()).toContain(theirs)
    expect([terminal.read(theirs), terminal.read('.env.local')]).toEqual(['THEIRS=1\n', files['.env.local']])
  })

  it('writes nowhere when the keys come from the environment itself', async () => {
    const env = { ATPROTO_CLIENT_KEYS: parseEnv(await newLines()).ATPROTO_CLIENT_KEYS ?? '' }
    const terminal = createTerminal({ env })
    expect(await terminal.run('keys', 'rotate', '--write')).toBe(1)
    expect(terminal.printedErrors()).toContain('is in none of the .env files')
  })

  it('refuses keys that are none, without showing them', async () => {
    const terminal = createTerminal({ env: { ATPROTO_CLIENT_KEYS: '{"keys":[{"kty":"canary"}]}' } })
    expect(await terminal.run('keys', 'rotate')).toBe(1)
    expect(terminal.printed() + terminal.printedErrors()).not.toContain('canary')
  })

  it('says that there are no keys yet', async () => {
    const terminal = createTerminal()
    expect(await terminal.run('keys', 'rotate')).toBe(1)
    expect(terminal.printedErrors()).toContain('ATPROTO_CLIENT_KEYS')
  })
})

describe('keys public', () => {
  it('prints what servers may see and nothing else', async () => {
    const terminal = createTerminal({ files: { '.env.local': await newLines() } })
    await terminal.run('keys', 'public')
    const { keys } = JSON.parse(terminal.printed())
    expect(keys).toEqual([{ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', ...pick(keys[0]) }])
  })
})

function pick({ x, y, kid }: Record<string, string>) {
  return { x, y, kid }
}
