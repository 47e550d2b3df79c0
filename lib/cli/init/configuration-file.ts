/** Which file of the application holds the configuration: an `auth.ts` may belong to another sign-in. */
import { join } from 'node:path'
import { ConfigurationError } from '../../errors.ts'
import { readText } from '../project/env-files.ts'
import type { Project } from '../project/project.ts'

/** The file of the configuration, and what it exports. */
export type ConfigurationName = 'auth' | 'atproto'

export interface NamedConfiguration {
  readonly name: ConfigurationName
  /** What to say about it. */
  readonly hints: readonly string[]
}

/** What an import of `./auth` finds, in the order in which it is looked for. */
const endings = ['.tsx', '.ts', '.mjs', '.js', '.jsx', '/index.tsx', '/index.ts', '/index.js']

/**
 * Names the file: `auth`, but `atproto` where the former is there and does not call `createAtprotoAuth`, as with Auth.js or
 * Better Auth. The routes would import what it does not have.
 *
 * @throws ConfigurationError when neither name is free
 */
export async function nameConfiguration(project: Project): Promise<NamedConfiguration> {
  const [auth, atproto] = [await findModule('auth', project), await findModule('atproto', project)]
  if (auth?.isOurs || (auth === undefined && !atproto?.isOurs)) return { name: 'auth', hints: [] }
  if (auth === undefined) return { name: 'atproto', hints: [] }
  if (atproto === undefined || atproto.isOurs) return { name: 'atproto', hints: [besides(auth.path)] }
  throw new ConfigurationError(
    `${auth.path} and ${atproto.path} are there, and neither calls createAtprotoAuth(). Rename one of them, or write the files yourself: see README.md of next-atproto-auth.`,
  )
}

function besides(path: string): string {
  return (
    `${path} is not of this library, so its configuration is in a file named atproto. If your users go on signing in as ` +
    'they do, and connect AT Protocol accounts, read docs/connect.md of next-atproto-auth.'
  )
}

interface FoundModule {
  readonly path: string
  readonly isOurs: boolean
}

async function findModule(
  name: ConfigurationName,
  { folder, sources }: Project,
): Promise<FoundModule | undefined> {
  for (const ending of endings) {
    const path = `${sources}${name}${ending}`
    // What cannot be read is reported when it is to be written.
    const text = await readText(join(folder, path)).catch(() => undefined)
    if (text !== undefined) return { path, isOurs: text.includes('createAtprotoAuth') }
  }
  return undefined
}
