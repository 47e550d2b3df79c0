/** What a part has counted and lost, once its application has ended. */
import type { PartResult } from '../long-run.ts'
import { findSecretsIn } from './find-secrets.ts'
import type { Run } from './run.ts'

/** Ends the application, and looks at what it printed. */
export async function resultOf(run: Run): Promise<PartResult> {
  const { network, application, troubles, oracle, counts } = run
  const { output, lost } = await application.stop()
  const { rotations } = network.network.home.as.grants.counts
  const ended = oracle.sessions.filter(({ endedAt }) => endedAt !== undefined).length
  return {
    counts: { ...counts, refreshes: rotations, troubles: troubles.count, ended },
    lost: [
      ...run.lost,
      ...[...network.lost, ...network.network.violations, ...lost, ...judgeOutput(run, output)].map(
        (sentence) => `seed ${run.seed}: ${sentence}`,
      ),
    ],
  }
}

/** What the processes printed must not say. */
function judgeOutput(run: Run, output: string): readonly string[] {
  const secrets = findSecretsIn(run, output).map((kind) => `the application printed ${kind}`)
  const untyped = output.split('\n').filter((line) => /UNTYPED|unhandled/i.test(line))
  return [...secrets, ...new Set(untyped)]
}
