/** Warnings about hosts that the option `privateHosts` would allow, for the operator's log. */

/** A visitor can name any number of hosts of private networks; so many are enough to find a missing option. */
const MAX_WARNINGS = 10

export type Warn = (message: string) => void

const given = new WeakMap<Warn, Set<string>>()

/** Gives each warning once, whatever part of a client refuses the host. */
export function warnOfPrivateHost(message: string, warn: Warn | undefined): void {
  if (!warn) return
  const messages = given.get(warn) ?? new Set<string>()
  given.set(warn, messages)
  if (messages.has(message) || messages.size >= MAX_WARNINGS) return
  messages.add(message)
  warn(message)
}
