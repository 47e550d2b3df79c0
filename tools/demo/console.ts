/** What `npm run demo` prints. */
import type { LocalNetwork } from '../../tests/support/network/network.ts'

/** Returns a function that prints one line for each step, with the time since the start of the demo. */
export function createProgress(): (step: string) => void {
  const startedAt = performance.now()
  return (step) => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    console.log(`${seconds.padStart(6)} s  ${step}`)
  }
}

/** Prints where to go, who can sign in, where the log is, and how to stop. */
export function printWelcome(appUrl: string, network: LocalNetwork, logFile: string): void {
  const rows = Object.values(network.accounts).map((account) => [
    account.handle,
    account.password,
    account.pdsUrl,
    account.displayName,
  ])
  console.log(`
  Open ${appUrl} and sign in as one of these people:

${formatTable([['Handle', 'Password', 'PDS', 'Name'], ...rows])}

  PLC directory    ${network.plcUrl}
  Handle resolver  ${network.handleResolverUrl}
  Log of the app   ${logFile}

  All of it is reachable from this machine only, and deleted when you stop it with Ctrl-C.
`)
}

function formatTable(rows: readonly (readonly string[])[]): string {
  const widthOf = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0))
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widthOf(column))).join('   '))
  const rule = '─'.repeat(Math.max(...lines.map((line) => line.length)))
  return [lines[0], rule, ...lines.slice(1)].map((line) => `    ${line?.trimEnd()}`).join('\n')
}
