/** The library's log: whatever it is given, a line is a line and holds no secret. */
import { expect, it, onTestFinished, vi } from 'vitest'
import { AtprotoAuthError, ConfigurationError } from '../../../../lib/errors.ts'
import { createLog, type ErrorEvent } from '../../../../lib/next/events/log.ts'
import { recordLog } from '../../../support/record-log.ts'

const FORGED = 'a\u009b31m\r\n[next-atproto-auth] forged'
const ESCAPED = 'a\\u009b31m\\u000d\\u000a[next-atproto-auth] forged'

function createRecorder() {
  const lines: (readonly [string, string])[] = []
  const take = (level: string) => (line: string) => void lines.push([level, line])
  return { lines, logger: { warn: take('warn'), error: take('error') } }
}

it('SF-6 writes a warning in one line, once', () => {
  const { lines, logger } = createRecorder()
  const log = createLog({ logger })
  log.warnOnce(`${FORGED} ref-${'0f'.repeat(32)}`)
  log.warnOnce(`${FORGED} ref-${'0f'.repeat(32)}`)
  expect(lines).toEqual([['warn', `${ESCAPED} [redacted]`]])
})

it('keeps the lines of a list of problems, and nothing else that a terminal acts on', () => {
  const { lines, logger } = createRecorder()
  createLog({ logger }).errorOnce('2 problems:\n- one\u009b\n- two\u202e')
  expect(lines).toEqual([['error', '2 problems:\n- one\\u009b\n- two\\u202e']])
})

it('warns of an error of this library in one line, and gives the hook onError the error itself', () => {
  const { lines, logger } = createRecorder()
  const told: unknown[] = []
  const error = new AtprotoAuthError('timeout', FORGED, { cause: new ConfigurationError('Inner.') })
  createLog({ logger, onError: (event) => void told.push(event) }).failure('sign_in', error)
  expect(lines).toEqual([
    ['warn', `Sign-in could not start: timeout: ${ESCAPED} Inner. (cause=configuration)`],
  ])
  expect(told).toEqual([{ activity: 'sign_in', error }])
})

it('tells of any other error with its stack, on lines of their own', () => {
  const { lines, logger } = createRecorder()
  createLog({ logger }).failure('hook', new Error(`${FORGED}\n    at forged`))
  const [[level, text] = ['', '']] = lines
  const [first, ...frames] = text.split('\n')
  expect([level, first]).toEqual(['error', `A hook threw: Error: ${ESCAPED}\\u000a    at forged`])
  expect(frames.length).toBeGreaterThan(0)
  for (const frame of frames) expect(frame).toMatch(/^ +at (?!forged)/)
})

it('N10 has one reference for all failures of a request, as the last fact, and another for the next', () => {
  const { lines, logger } = createRecorder()
  const told: ErrorEvent[] = []
  const log = createLog({ logger, onError: (event) => void told.push(event) })
  const [first, second] = [log.forRequest(), log.forRequest()]
  const error = new AtprotoAuthError('timeout', 'Late, reference=22222222.')
  first.failure('hook', error)
  first.failure('request', new Error('Bug.'))
  second.failure('request', error)
  log.failure('request', error)
  expect(lines.map(([, text]) => text.split('\n')[0])).toEqual([
    `A hook threw: timeout: Late, reference: 22222222. (reference=${first.reference})`,
    `A request failed: Error: Bug. (reference=${first.reference})`,
    `A request failed: timeout: Late, reference: 22222222. (reference=${second.reference})`,
    'A request failed: timeout: Late, reference: 22222222.',
  ])
  expect(first.reference).not.toBe(second.reference)
  const [one, two] = [first.reference, second.reference]
  expect(told.map(({ reference }) => reference)).toEqual([one, one, two, undefined])
})

it('writes to the console when the logger of the application throws', () => {
  const shown = recordLog()
  const broken = () => {
    throw new Error('no disk')
  }
  createLog({ logger: { warn: broken, error: broken } }).failure(
    'request',
    new AtprotoAuthError('timeout', 'Late.'),
  )
  expect(shown).toEqual(['[next-atproto-auth] A request failed: timeout: Late.'])
})

it('SF-5 writes sixty failures of one kind in a minute, and then how many there were', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1) })
  onTestFinished(() => void vi.useRealTimers())
  const { lines, logger } = createRecorder()
  const told: unknown[] = []
  const log = createLog({ logger, onError: (event) => void told.push(event) })
  const fail = () => log.failure('callback', new AtprotoAuthError('state_mismatch', 'Not yours.'))
  for (let n = 0; n < 1_500; n += 1) fail()
  log.failure('callback', new AtprotoAuthError('timeout', 'Late.'))
  expect(lines).toHaveLength(62)
  expect(lines.slice(-2)).toEqual([
    ['warn', 'Sign-in could not be finished: state_mismatch: further ones are not logged in this minute.'],
    ['warn', 'Sign-in could not be finished: timeout: Late.'],
  ])
  expect(told).toHaveLength(1_501)
  vi.advanceTimersByTime(60_000)
  fail()
  expect(lines.slice(-2)).toEqual([
    ['warn', 'Sign-in could not be finished: state_mismatch: 1440 more were not logged.'],
    ['warn', 'Sign-in could not be finished: state_mismatch: Not yours.'],
  ])
})
