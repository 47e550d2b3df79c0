import { describe, expect, it } from 'vitest'
import { readReturnTo } from '../../../../lib/next/config/return-path.ts'
import { createLog } from '../../../../lib/next/events/log.ts'
import { sharedState } from '../../../../lib/next/process/shared-state.ts'

/** A process that has logged nothing yet, and what it logs. */
function listen() {
  sharedState().logged.clear()
  const lines: string[] = []
  const log = createLog({ logger: { warn: (line) => lines.push(line), error: (line) => lines.push(line) } })
  const paths = {
    base: '/oauth',
    prefix: '',
    signInPage: '/sign-in',
    afterSignIn: '/home',
    afterSignOut: '/',
  }
  return { lines, read: (input: unknown) => readReturnTo(input, '/home', { paths, log }) }
}

describe('a path to return to', () => {
  it('that is too long is reported once, without its query', () => {
    const { lines, read } = listen()
    expect(read(`/search?q=secret-canary${'x'.repeat(2_048)}`)).toBe('/home')
    expect(read(`/other/${'y'.repeat(2_048)}`)).toBe('/home')
    expect(lines).toEqual([
      'A returnTo is longer than 2048 characters, so the visitor goes to /home instead. It begins with "/search".',
    ])
  })

  it('that is too long is quoted in part, in printable ASCII', () => {
    const { lines, read } = listen()
    read(`/\u202E\n"${'z'.repeat(3_000)}`)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(`"/\\u202e\\n\\"${'z'.repeat(96)}".`)
    expect(lines[0]).not.toMatch(/[^ -~]|z{97}/)
  })

  it('that leads elsewhere is reported once and not quoted, whatever a stranger sends', () => {
    const { lines, read } = listen()
    for (const host of ['https://user:canary@evil.example', '//canary.example', '/oauth/logout?canary'])
      expect(read(host)).toBe('/home')
    expect(lines).toEqual([expect.stringMatching(/^A returnTo was refused, because it is not a path/)])
    expect(lines.join()).not.toContain('canary')
  })

  it('that is missing or good is no news', () => {
    const { lines, read } = listen()
    expect([read(undefined), read(''), read('/account?tab=1#top')]).toEqual([
      '/home',
      '/home',
      '/account?tab=1#top',
    ])
    expect(lines).toEqual([])
  })
})
