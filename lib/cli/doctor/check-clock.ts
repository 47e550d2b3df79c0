/** Checks the clock of this machine, because servers refuse signatures whose time is wrong. */
import { describeReason } from '../../error-reason.ts'
import { AtprotoAuthError } from '../../errors.ts'
import { withFlags } from '../terminal/option-names.ts'
import type { DoctorDeps, Finding } from './finding.ts'

/** Any server would do that is not the application's own. Every sign-in needs this one. */
const CLOCK_URL = 'https://plc.directory/_health'
/** Servers differ in the difference they accept. All of them accept half a minute. */
const CLOCK_WARN_S = 10
const CLOCK_FAIL_S = 30

/** Compares the clock of this machine with that of a server. */
export async function checkClock({ fetch, now }: DoctorDeps): Promise<Finding> {
  const check = 'clock'
  try {
    const response = await fetch(CLOCK_URL, { kind: 'discovery' })
    await response.body?.cancel()
    const serverTime = Date.parse(response.headers.get('date') ?? '')
    if (Number.isNaN(serverTime)) {
      const fix = 'Check the clock yourself. A proxy may have removed the Date header.'
      return { check, level: 'warn', message: `${CLOCK_URL} sent no valid Date header`, fix }
    }
    // The header has whole seconds and is slightly older than the response.
    const offset = Math.round((now() - serverTime) / 1000)
    return describeOffset(offset)
  } catch (error) {
    if (!(error instanceof AtprotoAuthError)) throw error
    const fix = 'Sign-in needs outgoing https connections. A firewall may block them.'
    const message = `could not be compared: ${withFlags(describeReason(error))}`
    return { check, level: 'warn', message, fix, isUnanswered: true }
  }
}

function describeOffset(offset: number): Finding {
  const check = 'clock'
  const size = Math.abs(offset)
  if (size <= CLOCK_WARN_S) return { check, level: 'ok', message: 'is correct' }
  const message = `is ${size} s ${offset > 0 ? 'fast' : 'slow'}`
  return {
    check,
    level: size > CLOCK_FAIL_S ? 'fail' : 'warn',
    message,
    fix: 'Turn on time synchronisation (NTP).',
  }
}
