/** CPU of importing each package in a new process. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { packageFolder } from '../install.ts'
import { alternate, createCollector, type Measure } from '../measure.ts'

interface Import {
  readonly key: string
  readonly names: readonly string[]
  /** Loaded before the measurement begins. */
  readonly before?: readonly string[]
}

/** What every page of a Next.js application has loaded already. */
const nextModules = [
  ...['next/dist/server/node-environment-baseline.js', 'next/headers.js', 'next/navigation.js'],
  ...['next/cache.js', 'next/server.js'],
]

const imports: readonly Import[] = [
  { key: 'oauth', names: ['next-atproto-auth/oauth'] },
  {
    key: 'next',
    names: ['next-atproto-auth'],
    before: nextModules,
  },
  { key: 'official', names: ['@atproto/oauth-client', '@atproto/jwk-jose'] },
  { key: 'atcute', names: ['@atcute/oauth-node-client', '@atcute/identity-resolver'] },
]

export const importing: Measure = {
  name: 'imports',
  async run(context) {
    const collector = createCollector()
    const runs = context.repeat(11, 3)
    for (let run = 0; run < runs; run += 1) {
      for (const one of alternate(imports, run)) {
        const { cpu, wall } = await measureImport(one)
        const row = { key: one.key, name: one.names.map((name) => `\`${name}\``).join(' and ') }
        collector.add({ ...row, unit: 'ms' }, 'CPU', cpu)
        collector.add({ ...row, unit: 'ms' }, 'wall', wall)
      }
    }
    return {
      name: 'imports',
      title: 'Import',
      about: `CPU (user and system) and wall time of \`import()\` in a new process without a compile cache, ${runs} processes for each,
which take turns. The other two clients are imported with what their constructors cannot do without: keys, and the resolvers
of handles and DIDs. \`next-atproto-auth\` is imported after the modules of Next.js that it uses.`,
      tables: [{ head: 'import of', columns: ['CPU', 'wall'], rows: collector.rows() }],
    }
  },
}

/** Next.js finds its own modules without their extension, and an empty module for server-only. */
const resolveAsNext = `(name, context, next) => {
  if (/^next\\/\\w+$/.test(name)) return next(name + '.js', context)
  const conditions = name === 'server-only' ? [...context.conditions, 'react-server'] : context.conditions
  return next(name, { ...context, conditions })
}`

/** In milliseconds. */
async function measureImport({ names, before = [] }: Import) {
  const load = (name: string) => `await import(${JSON.stringify(name)});`
  const code = `
    import { registerHooks } from 'node:module'
    registerHooks({ resolve: ${resolveAsNext} })
    ${before.map(load).join('')}
    const [begun, cpu] = [performance.now(), process.cpuUsage()]
    ${names.map(load).join('')}
    const { user, system } = process.cpuUsage(cpu)
    console.log(JSON.stringify({ cpu: (user + system) / 1000, wall: performance.now() - begun }))
    process.exit()`
  const { NODE_COMPILE_CACHE: _, ...inherited } = process.env
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: packageFolder,
    env: { ...inherited, NODE_ENV: 'production' },
  })
  const { cpu, wall }: { cpu: number; wall: number } = JSON.parse(stdout)
  return { cpu, wall }
}
