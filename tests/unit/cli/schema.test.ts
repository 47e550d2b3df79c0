import { describe, expect, it } from 'vitest'
import { createTerminal } from '../../support/unit/terminal.ts'

describe('schema postgres', () => {
  it('prints one statement, with nothing that is not SQL', async () => {
    const terminal = createTerminal()
    expect(await terminal.run('schema', 'postgres')).toBe(0)
    expect(terminal.printed()).toMatch(
      /^-- next-atproto-auth: sessions, schema 1\nDO \$atproto_auth\$\n[\s\S]*\n\$atproto_auth\$;\n(--.*\n)*$/,
    )
    expect(terminal.printedErrors()).toBe('')
  })

  it('uses the names that it is given, and no others', async () => {
    const terminal = createTerminal()
    expect(await terminal.run('schema', 'postgres', '--schema', 'auth', '--table', 'people')).toBe(0)
    const sql = terminal.printed()
    for (const name of [
      '"auth"."people" (',
      '"people_expires_at" ON "auth"."people"',
      '"auth"."people_sessions" AS',
    ])
      expect(sql).toContain(name)
    expect(sql).not.toContain('"atproto_auth')
  })

  it('grants a role what it needs', async () => {
    const terminal = createTerminal()
    const args = ['--schema', 'auth', '--table', 'people', '--grant', 'web-app']
    expect(await terminal.run('schema', 'postgres', ...args)).toBe(0)
    const [, grants] = terminal.printed().split('$atproto_auth$;\n')
    expect(grants).toBe(
      'GRANT USAGE ON SCHEMA "auth" TO "web-app";\n' +
        'GRANT SELECT, INSERT, UPDATE, DELETE ON "auth"."people" TO "web-app";\n' +
        'GRANT SELECT ON "auth"."people_sessions" TO "web-app";\n',
    )
  })

  it('takes a role for a name, whatever it holds (SQL by a name)', async () => {
    const terminal = createTerminal()
    await terminal.run('schema', 'postgres', '--grant', 'x"; DROP TABLE users; --')
    expect(terminal.printed()).toContain('TO "x""; DROP TABLE users; --";')
  })

  it.each(['', 'x'.repeat(64), 'a\0b', 'a\nb'])('grants nothing to a role that is none: %j', async (role) => {
    const terminal = createTerminal()
    expect(await terminal.run('schema', 'postgres', `--grant=${role}`)).toBe(1)
    expect(terminal.printed()).toBe('')
  })

  it.each([
    ['--table', `x"; DROP TABLE users; --`],
    ['--table', `x'); DROP TABLE users; --`],
    ['--table', '$atproto_auth$'],
    ['--table', 'Users'],
    ['--table', 'a'.repeat(49)],
    ['--table', ''],
    ['--table', 'ünïcode'],
    ['--schema', 'public.other'],
    ['--schema', '1st'],
  ])(
    'prints no SQL for a name that would need more than quotes (SQL by a name): %s %s',
    async (option, name) => {
      const terminal = createTerminal()
      expect(await terminal.run('schema', 'postgres', `${option}=${name}`)).toBe(1)
      expect(terminal.printed()).toBe('')
      expect(terminal.printedErrors()).toMatch(
        /^".*" is not a name for the schema or table of the session store\..*\n$/,
      )
    },
  )

  it.each([[], ['redis'], ['sqlite'], ['Postgres']])(
    'asks for the name of the store (%j)',
    async (...args) => {
      const terminal = createTerminal()
      expect(await terminal.run('schema', ...args)).toBe(2)
      expect(terminal.printed()).toBe('')
      expect(terminal.printedErrors()).toContain('Name the store: schema postgres.')
    },
  )

  it('tells what it takes, without printing SQL', async () => {
    const terminal = createTerminal()
    expect(await terminal.run('schema', '--help')).toBe(0)
    expect(terminal.printed()).toContain('Usage: next-atproto-auth schema postgres')
    expect(terminal.printed()).not.toContain('CREATE TABLE')
  })
})
