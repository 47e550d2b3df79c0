/** `npm run endurance -- <name> [options]`: long runs, each a program of its own that prints its figures. */
const [name, ...args] = process.argv.slice(2)
const runs: Readonly<
  Record<string, () => Promise<{ readonly run: (args: readonly string[]) => Promise<void> }>>
> = { crowd: () => import('./crowd/crowd.ts') }

const load = runs[name ?? '']
if (!load) {
  console.error(`npm run endurance -- <name>, with one of these names: ${Object.keys(runs).join(', ')}.`)
  process.exitCode = 1
} else await (await load()).run(args)
