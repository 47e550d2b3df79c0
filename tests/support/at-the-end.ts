/** What has to be done when a test process ends, also if it is cut off. */

/** Calls `end` once, when this process exits. Vitest ends its workers by SIGTERM, for which Node.js has no `exit` event. */
export function atTheEnd(end: () => void): void {
  process.once('exit', end)
  process.once('SIGTERM', () => process.exit(143))
}
