/**
 * What a failure of Redis means, in words that contain no credentials, keys or values. A missing answer is a failure
 * too.
 */
import { addressInError } from '../failed-address.ts'
import { isNoAnswer } from './time-limit.ts'

/** The error replies for which there is something to do. */
const remedies: Readonly<Record<string, string>> = {
  NOAUTH: 'it wants a password, but none was given',
  WRONGPASS: 'it refused the user, password or token',
  NOPERM: 'the user or token lacks permission; it must be allowed to run scripts (EVAL) and to write',
  READONLY: 'it is a read-only replica; connect to the primary',
  OOM: 'its memory is full (maxmemory); give it more memory, or let it evict keys',
  MISCONF: 'it accepts no writes because it cannot save to its disk',
  MOVED: 'it is a node of a cluster; pass a cluster client instead of a URL',
  ASK: 'it is a node of a cluster; pass a cluster client instead of a URL',
  CROSSSLOT: 'it is a node of a cluster; pass a cluster client instead of a URL',
  CLUSTERDOWN: 'its cluster is down',
  LOADING: 'it has just started and is still loading its data',
  MASTERDOWN: 'it is a replica that has lost its primary',
  BUSY: 'it is busy running another script',
  DENIED: 'it is in protected mode, which accepts connections from its own machine only',
}

/** Returns the code of an error reply, such as `READONLY`, or undefined when the server did not answer. */
export function replyCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const text = replyText(error.message)
  // Older servers wrap an error inside a script in an ERR reply.
  const [, inner] = /^ERR .*?-([A-Z]{3,}) /.exec(text) ?? []
  return inner ?? /^([A-Z]{3,}) /.exec(text)?.[1]
}

/** Says why the server refused, as the second half of a sentence. */
export function describeReply(code: string): string {
  return remedies[code] ?? `it answered ${code}`
}

/**
 * Says why there was no answer, with the system's error code if there is one; never with a URL, which may hold
 * credentials.
 *
 * @param address host and port that were asked; default those that the error notes
 */
export function describeNoAnswer(error: unknown, address = addressInError(error)): string {
  const where = (word: string) => (address === undefined ? '' : ` ${word} ${address}`)
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (!('code' in cause) || typeof cause.code !== 'string') continue
    return isNoAnswer(cause)
      ? `there was no answer in time${where('from')}`
      : `it cannot be reached${where('at')} (${cause.code})`
  }
  return `the connection${where('to')} failed`
}

/** REST clients add words before the reply and the whole command after it. */
function replyText(message: string): string {
  return message.replace(/^Command (\d+ \[ \w+ \] )?failed: /, '').replace(/, command was: [\s\S]*$/, '')
}
