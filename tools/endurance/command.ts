/** The command line of the long runs: finds the run, plays the parts that are missing, and prints the table. */
import { constants } from 'node:os'
import { parseArgs } from 'node:util'
import { openResults } from './kept-results.ts'
import type { LongRun } from './long-run.ts'
import { playParts } from './play-parts.ts'
import { currentCommit, describeMachine, renderLosses, renderTable } from './report.ts'

export interface Command {
  /** By name. */
  readonly runs: Readonly<Record<string, () => Promise<LongRun>>>
  /** Of the repository. */
  readonly root: string
}

const options = {
  scale: { type: 'string', default: '1' },
  restart: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/**
 * The exit code: 0 when every part was played and nothing was lost, else 1.
 *
 * @param args as on the command line, after the name of the program
 */
export async function runCommand(args: readonly string[], { runs, root }: Command): Promise<number> {
  stopOnSignals()
  const given = parseArgs({ args: [...args], options, strict: false, allowPositionals: true })
  const { scale, restart, help } = given.values
  const [name = ''] = given.positionals
  const run = await runs[name]?.()
  if (help) return print(await describeUsage(runs), 0)
  if (!run) return print(await describeUsage(runs), 1)
  const foreign = Object.keys(given.values).filter((option) => !(option in options))
  if (foreign.length > 0) return playSingle(run, args.slice(args.indexOf(name) + 1), foreign)
  const share = Number(scale)
  if (!(share > 0 && share <= 1))
    return print('--scale is a number above 0 and up to 1: the share of the full run.', 1)
  return play(run, { root, name, scale: share, restart: restart === true })
}

/** Ends the process at Ctrl-C, so that what its parts started is ended and removed at the exit. */
function stopOnSignals(): void {
  let isStopped = false
  // They stay listeners: npm passes Ctrl-C on, and a second one would end the process before its exit is done.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!isStopped) console.log('Stopped. The same command goes on with the parts that are missing.')
      isStopped = true
      process.exit(128 + constants.signals[signal])
    })
  }
}

async function describeUsage(runs: Command['runs']): Promise<string> {
  const all = await Promise.all(
    Object.entries(runs).map(async ([name, load]) => ({ name, run: await load() })),
  )
  const alone = all.flatMap(({ name, run: { single } }) =>
    single ? [`\n${name} with other options plays one thing and keeps no result:\n${single.usage}`] : [],
  )
  return [
    'npm run endurance -- <name> [--scale <share>] [--restart]',
    '  --scale 1   the share of the full run, above 0 and up to 1',
    '  --restart   forgets the parts that an earlier run of this commit and scale has played',
    '\nNames:',
    ...all.map(({ name, run }) => `  ${name.padEnd(8)}${run.what}`),
    ...alone,
  ].join('\n')
}

async function playSingle(
  { single }: LongRun,
  args: readonly string[],
  foreign: readonly string[],
): Promise<number> {
  if (!single) return print(`There is no option --${foreign[0]}. --help lists the options.`, 1)
  try {
    const lost = await single.play(args)
    for (const sentence of lost) console.log(`lost: ${sentence}`)
    return lost.length > 0 ? 1 : 0
  } catch (error) {
    if (error instanceof TypeError) return print(error.message, 1)
    throw error
  }
}

async function play(
  run: LongRun,
  { root, name, scale, restart }: Omit<Parameters<typeof openResults>[0], 'commit'>,
): Promise<number> {
  const commit = currentCommit(root)
  const kept = openResults({ root, name, commit, scale, restart })
  const parts = run.parts(scale)
  const failed = await playParts(run, parts, kept)
  const losses = renderLosses(kept.all)
  console.log(`\nnpm run endurance -- ${name} --scale ${scale}\n${describeMachine(commit)}`)
  console.log(`\n${renderTable(run, kept.all)}\n\n${losses || 'Nothing was lost.'}`)
  if (failed > 0) console.log(`${failed} of ${parts.length} parts failed. The same command plays them again.`)
  console.log(`Kept in ${kept.path}.`)
  return losses || failed > 0 ? 1 : 0
}

function print(text: string, code: number): number {
  if (code === 0) console.log(text)
  else console.error(text)
  return code
}
