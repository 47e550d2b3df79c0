/** Makes bare applications as a person would: with npm, a few pages, and the command of the package. */
import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startProcessGroup } from '../network/process-group.ts'
import { installTarball } from './created-app.ts'
import type { BareApp } from './matrix.ts'
import { plainEnvironment, runIn } from './npm.ts'

const pages = join(import.meta.dirname, '../../package/pages')
const template = join(import.meta.dirname, '../../package/template')
const corners = join(import.meta.dirname, '../../package/corners')

/** Installs the package beside one version of Next.js, into a folder that applications copy. */
export async function install(
  folder: string,
  { next, typescript }: Pick<BareApp, 'next' | 'typescript'>,
  tarball: string,
): Promise<void> {
  await mkdir(folder, { recursive: true })
  const dependencies = { next, react: '19', 'react-dom': '19' }
  const types = { '@types/node': '24', '@types/react': '19', '@types/react-dom': '19' }
  const devDependencies = { typescript, ...types }
  const scripts = { dev: 'next dev', build: 'next build', start: 'next start' }
  const manifest = { name: 'bare-app', private: true, scripts, dependencies, devDependencies }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  await installTarball(folder, tarball)
}

/** Begins an application on an installation: its node_modules and what npm knows of them. */
export async function copyInstallation(installed: string, folder: string): Promise<void> {
  await mkdir(folder)
  // Hard links: hundreds of megabytes, many times.
  for (const name of ['node_modules', 'vendor'])
    await runIn(folder, 'cp', ['-al', join(installed, name), name])
  for (const name of ['package.json', 'package-lock.json'])
    await cp(join(installed, name), join(folder, name))
}

/** Writes what create-next-app would have: settings, a layout and a home page. */
export async function createApp(folder: string, app: BareApp): Promise<void> {
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
  await writeFile(join(folder, 'next.config.ts'), nextConfig(app))
  await cp(join(template, 'public'), join(folder, 'public'), { recursive: true })
  await cp(join(template, 'app'), join(folder, app.srcDir ? 'src/app' : 'app'), { recursive: true })
}

/** Makes the application in `folder`, with sign-in added. */
export async function makeApp(app: BareApp, folder: string, installed: string): Promise<void> {
  await copyInstallation(installed, folder)
  await createApp(folder, app)
  const sources = join(folder, app.srcDir ? 'src' : '.')
  await cp(pages, join(sources, 'app'), { recursive: true })
  await runInit(app, folder, sources)
  await reachLocalNetwork(join(sources, 'auth.ts'))
  if (!app.corners) return
  for (const kind of ['everywhere', app.cacheComponents ? 'cache-components' : 'route-segments'])
    await cp(join(corners, kind), join(sources, 'app/corners'), { recursive: true })
}

async function runInit({ guard }: BareApp, folder: string, sources: string): Promise<void> {
  const command = join(folder, 'node_modules/.bin/next-atproto-auth')
  await runIn(folder, command, ['init', '--yes', '--pages'])
  if (guard === 'proxy' || !existsSync(join(sources, 'proxy.ts'))) return
  // Next 16 takes the older name too, as an application has it that was upgraded.
  const text = await readFile(join(sources, 'proxy.ts'), 'utf8')
  await writeFile(join(sources, 'middleware.ts'), text.replaceAll('authProxy', 'authMiddleware'))
  await rm(join(sources, 'proxy.ts'))
}

/** The one thing that no user writes, in the options of that call: the network is on this machine. */
export async function reachLocalNetwork(path: string, call = 'createAtprotoAuth({'): Promise<void> {
  const text = await readFile(path, 'utf8')
  const option =
    'localNetwork: process.env.LOCAL_NETWORK ? JSON.parse(process.env.LOCAL_NETWORK) : undefined,'
  const changed = text.replace(call, `${call} ${option}`)
  if (changed === text) throw new Error(`${path} does not have the call ${call} as this test knows it.`)
  await writeFile(path, changed)
}

/** What `next build` printed; its environment and folder hold no secret, key or address. */
export async function build({ bundler, next }: BareApp, folder: string): Promise<string> {
  const environment = join(folder, '.env.local')
  const kept = `${environment}.kept`
  const hasSecrets = await rename(environment, kept).then(
    () => true,
    () => false,
  )
  const flags = bundler === 'webpack' ? (next.startsWith('15') ? [] : ['--webpack']) : ['--turbopack']
  const bin = join(folder, 'node_modules/next/dist/bin/next')
  const group = startProcessGroup({ args: [bin, 'build', ...flags], cwd: folder, env: plainEnvironment() })
  const code = await group.exited
  if (hasSecrets) await rename(kept, environment)
  if (code !== 0) throw new Error(`next build failed:\n${group.output()}`)
  return group.output()
}

function nextConfig({ cacheComponents, output }: BareApp): string {
  const options = [
    ...(cacheComponents ? ['  cacheComponents: true,', '  partialPrefetching: true,'] : []),
    ...(output === 'default' ? [] : [`  output: 'standalone',`]),
  ]
  return `import type { NextConfig } from 'next'

const nextConfig: NextConfig = {
${['  /* config options here */', ...options].join('\n')}
}

export default nextConfig
`
}

/** As create-next-app writes it, without the alias. */
const tsconfig = {
  compilerOptions: {
    target: 'ES2022',
    lib: ['dom', 'dom.iterable', 'esnext'],
    strict: true,
    noEmit: true,
    esModuleInterop: true,
    module: 'esnext',
    moduleResolution: 'bundler',
    resolveJsonModule: true,
    isolatedModules: true,
    // Not as there: the types that the package ships are checked too.
    skipLibCheck: false,
    jsx: 'react-jsx',
    incremental: true,
    plugins: [{ name: 'next' }],
  },
  include: ['next-env.d.ts', '**/*.ts', '**/*.tsx', '.next/types/**/*.ts', '.next/dev/types/**/*.ts'],
  exclude: ['node_modules'],
}
