/** The files that an application needs, with the same code as in the README. */
import type { Project } from '../project/project.ts'
import type { ConfigurationName } from './configuration-file.ts'
import { composePage, signInPage } from './page-files.ts'

export interface FileChoices {
  readonly clientName: string
  readonly scope: string
  /** The paths that the proxy protects; undefined for no proxy. */
  readonly protect: readonly string[] | undefined
  /** Whether to write a page for posts and the application's own sign-in page. */
  readonly pages: boolean
}

/** A file of the application: its path within it, and its text. */
export interface AppFile {
  readonly path: string
  readonly text: string
}

const SIGN_IN_OPTION = "signInPage: '/sign-in'"

/** Returns the three required files, and the pages and the proxy file if they are wanted. */
export function appFilesFor(
  project: Project,
  { clientName, scope, protect, pages }: FileChoices,
  name: ConfigurationName,
): readonly AppFile[] {
  const { sources, language } = project
  const signIn = pages ? `, ${SIGN_IN_OPTION}` : ''
  const page = (path: string, text: string) => ({
    path: `${sources}${path}.${language === 'ts' ? 'tsx' : 'js'}`,
    text,
  })
  const file = (path: string, text: string) => ({ path: `${sources}${path}.${language}`, text })
  return [
    file(name, authFile(name, { clientName, scope, signIn })),
    file('app/oauth/[...atproto]/route', routeFile(name)),
    file('app/oauth-client-metadata.json/route', metadataRouteFile(name)),
    ...(pages
      ? [
          page('app/compose/page', composePage(language, name)),
          page('app/sign-in/page', signInPage(language)),
        ]
      : []),
    ...(protect ? [file(proxyFileName(project), proxyFile(proxyFileName(project), protect, signIn))] : []),
  ]
}

/**
 * What the user has to add to a file of theirs that is kept, so that it fits the pages; undefined when it lacks nothing.
 *
 * @param existing the text of the file that is kept
 */
export function missingOption({ path, text }: AppFile, existing: string): string | undefined {
  if (!text.includes(SIGN_IN_OPTION) || existing.includes('signInPage')) return undefined
  const [, call] = /(createAtprotoAuth|authProxy|authMiddleware)\(\{/.exec(text) ?? []
  return call && `Add to the options of ${call}() in ${path}:  ${SIGN_IN_OPTION},`
}

interface AuthOptions {
  readonly clientName: string
  readonly scope: string
  /** The option with the comma before it, or nothing. */
  readonly signIn: string
}

function authFile(name: ConfigurationName, { clientName, scope, signIn }: AuthOptions): string {
  return `import { createAtprotoAuth } from 'next-atproto-auth'

export const ${name} = createAtprotoAuth({ clientName: ${quote(clientName)}, scope: ${quote(scope)}${signIn} })
`
}

function routeFile(name: ConfigurationName): string {
  return `import { ${name} } from '../../../${name}'

export const { GET, POST } = ${name}.handlers
`
}

function metadataRouteFile(name: ConfigurationName): string {
  return `// The URL of this route is your client_id: do not change it later.
import { ${name} } from '../../${name}'

export const { GET } = ${name}.handlers.clientMetadata
`
}

/** The export of next-atproto-auth/middleware for each name of the proxy file. */
export const proxyExports = { proxy: 'authProxy', middleware: 'authMiddleware' } as const

/** Next.js 16 calls the file proxy, earlier versions middleware. Both files at once are a build error. */
export function proxyFileName({ nextVersion }: Project): 'proxy' | 'middleware' {
  return nextVersion !== undefined && nextVersion[0] < 16 ? 'middleware' : 'proxy'
}

function proxyFile(name: 'proxy' | 'middleware', protect: readonly string[], signIn: string): string {
  const paths = `[${protect.map(quote).join(', ')}]`
  const exportName = proxyExports[name]
  return `import { ${exportName} } from 'next-atproto-auth/middleware'

// This is no access control. Call auth.requireSession() in each page and action that needs a signed-in user.
export default ${exportName}({ protect: ${paths}${signIn} })
export const config = { matcher: ${paths} }
`
}

/** A string literal. JSON escapes what must not stand in one, such as a line break. */
function quote(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1)
  return `'${inner.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}
