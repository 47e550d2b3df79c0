/** What a failure of Redis means, silence included, in words that hold neither credentials nor keys nor values. */
const NO_ANSWER = 'NO_ANSWER'

/** The error replies that somebody can do something about. */
const remedies: Readonly<Record<string, string>> = {
  NOAUTH: 'it wants a password, and none was given',
  WRONGPASS: 'it refused the user, password or token',
  NOPERM: 'the user or token may not do this; it must be allowed to run scripts (EVAL) and to write',
  READONLY: 'it is a replica that may not be written; connect to the primary',
  OOM: 'its memory is full (maxmemory); give it more, or let it evict',
  MISCONF: 'it takes no writes because it cannot save to its disk',
  MOVED: 'it is a node of a cluster; hand in a cluster client instead of a URL',
  ASK: 'it is a node of a cluster; hand in a cluster client instead of a URL',
  CROSSSLOT: 'it is a node of a cluster; hand in a cluster client instead of a URL',
  CLUSTERDOWN: 'its cluster is down',
  LOADING: 'it is still loading its data after a start',
  MASTERDOWN: 'it is a replica that has lost its primary',
  BUSY: 'it is busy with a script of somebody else',
  DENIED: 'it is in protected mode: it takes connections from its own machine only',
}

/** The code of an error reply, such as `READONLY`; undefined when the server has not answered at all. */
export function replyCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const text = replyText(error.message)
  // Older servers report what failed within a script as an ERR that holds the reply.
  const [, inner] = /^ERR .*?-([A-Z]{3,}) /.exec(text) ?? []
  return inner ?? /^([A-Z]{3,}) /.exec(text)?.[1]
}

/** Why the server refused, as the rest of a sentence. */
export function describeReply(code: string): string {
  return remedies[code] ?? `it answered ${code}`
}

/** Whether `withinMs` gave up. */
export function isSilence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === NO_ANSWER
}

/** Why nothing came back: the code of the system, where there is one, and never an address with credentials. */
export function describeTrouble(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (!('code' in cause) || typeof cause.code !== 'string') continue
    return cause.code === NO_ANSWER ? 'there was no answer in time' : `it cannot be reached (${cause.code})`
  }
  return 'the connection failed'
}

/** What the work gives, or a failure when it takes longer; the work itself is not stopped. */
export async function withinMs<T>(limitMs: number, work: () => Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_, reject) => {
    const silence = Object.assign(new Error('There was no answer in time.'), { code: NO_ANSWER })
    timer = setTimeout(() => reject(silence), limitMs)
  })
  try {
    return await Promise.race([work(), limit])
  } finally {
    clearTimeout(timer)
  }
}

/** REST clients put words before the reply, and after it the whole command. */
function replyText(message: string): string {
  return message.replace(/^Command (\d+ \[ \w+ \] )?failed: /, '').replace(/, command was: [\s\S]*$/, '')
}
