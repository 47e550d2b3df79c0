/** The files that an application needs, word for word those of the README. */
import type { Project } from '../project/project.ts'

export interface FileChoices {
  readonly clientName: string
  readonly scope: string
  /** Paths to guard; undefined for no guard. */
  readonly protect: readonly string[] | undefined
}

/** A file of the application: its path within it, and its text. */
export interface AppFile {
  readonly path: string
  readonly text: string
}

/** The three files, and the guard where one is wanted. */
export function filesFor(project: Project, { clientName, scope, protect }: FileChoices): readonly AppFile[] {
  const { sources, language } = project
  const file = (path: string, text: string) => ({ path: `${sources}${path}.${language}`, text })
  return [
    file('auth', authFile(clientName, scope)),
    file('app/oauth/[...atproto]/route', ROUTE),
    file('app/oauth-client-metadata.json/route', METADATA_ROUTE),
    ...(protect ? [file(guardName(project), guardFile(guardName(project), protect))] : []),
  ]
}

function authFile(clientName: string, scope: string): string {
  return `import { createAtprotoAuth } from 'next-atproto-auth'

export const auth = createAtprotoAuth({ clientName: ${quote(clientName)}, scope: ${quote(scope)} })
`
}

const ROUTE = `import { auth } from '../../../auth'

export const { GET, POST } = auth.handlers
`

const METADATA_ROUTE = `// Its URL is your client_id: keep it from the first day.
import { auth } from '../../auth'

export const { GET } = auth.handlers.clientMetadata
`

/** The guard under the name that fits its file. */
export const guardFunctions = { proxy: 'authProxy', middleware: 'authMiddleware' } as const

/** Next.js 16 calls the file proxy; both names at once are a build error. */
export function guardName({ nextVersion }: Project): 'proxy' | 'middleware' {
  return nextVersion !== undefined && nextVersion[0] < 16 ? 'middleware' : 'proxy'
}

function guardFile(name: 'proxy' | 'middleware', protect: readonly string[]): string {
  const paths = `[${protect.map(quote).join(', ')}]`
  const guard = guardFunctions[name]
  return `import { ${guard} } from 'next-atproto-auth/middleware'

// A courtesy, not the lock: call auth.requireSession() in each page and action that needs somebody.
export default ${guard}({ protect: ${paths} })
export const config = { matcher: ${paths} }
`
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
