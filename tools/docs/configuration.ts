/** docs/configuration.md: every option and environment variable, from the docstrings of the sources. */
import { renderDocstring } from './docstring.ts'
import { hostVariables, type Variable, variables } from './environment.ts'
import { type Declaration, declarationOf, type Member } from './public-api.ts'

const intro = `# Configuration

Every option and every environment variable. \`npm run docs\` generates this page from the docstrings of the sources, and a test
([tests/unit/docs/reference.test.ts](../tests/unit/docs/reference.test.ts)) fails if it is out of date.

In development you need no option and no variable. In production, set \`PUBLIC_URL\`, \`ATPROTO_SECRET\`,
\`ATPROTO_CLIENT_KEYS\` and a store; [deployment.md](deployment.md) has the steps for each host. An option takes precedence
over its variable.

The configuration is read at the first request, so \`next build\` needs no secret. If it is wrong, the log lists all problems
once, each with its fix, and the handlers answer "Not set up" with status 500. An unknown option is an error too, so that
misspelled options are found.

- [createAtprotoAuth()](#createatprotoauth)
- [Hooks](#hooks)
- [Limits of the sign-in](#limits-of-the-sign-in)
- [authMiddleware()](#authmiddleware)
- [Environment variables](#environment-variables)`

/** The page. */
export function writeConfiguration(): string {
  const options = declarationOf('lib/next/config/options.ts', 'AtprotoAuthOptions')
  const limits = declarationOf('lib/next/limits/login-limits.ts', 'LoginLimitOptions')
  const hooks = declarationOf('lib/next/events/hooks.ts', 'AuthHooks')
  const guard = declarationOf('lib/next/middleware.ts', 'AuthMiddlewareOptions')
  return `${[
    intro,
    '## createAtprotoAuth()',
    ...options.members.flatMap((member) => option(member)),
    'The properties of `localNetwork`:',
    fields(declarationOf('lib/oauth/client-options.ts', 'LocalNetwork')),
    'The properties of `connect`:',
    fields(declarationOf('lib/next/events/hooks.ts', 'ConnectOptions')),
    '## Hooks',
    'Options of `createAtprotoAuth()` too. [api.md](api.md#authhooks) lists what each hook receives.',
    ...hooks.members.flatMap((member) => option(member)),
    'An `ErrorEvent` contains the operation that failed (`activity`) and the `error`. [api.md](api.md#errorcode) lists its `code`s.',
    '## Limits of the sign-in',
    'Options of `createAtprotoAuth()` too.',
    ...limits.members.flatMap((member) => option(member)),
    'The properties of `loginLimits`:',
    fields(declarationOf('lib/next/limits/login-limits.ts', 'LoginLimits')),
    '## authMiddleware()',
    'Exported by `next-atproto-auth/middleware`, also as `authProxy`.',
    ...guard.members.flatMap((member) => option(member)),
    'A `PathPattern` is a string, a regular expression or a function:',
    ...renderDocstring(declarationOf('lib/web/path-pattern.ts', 'PathPattern').doc),
    '## Environment variables',
    'Set these where the application runs. [command-line.md](command-line.md#commands) lists the variables of the command line.',
    table(variables),
    'The host or Next.js sets these, and the library reads them:',
    table(hostVariables),
  ].join('\n\n')}\n`
}

function option({ name, type, isOptional, doc }: Member): readonly string[] {
  return [`### ${name}`, `\`${type ?? 'unknown'}\`${isOptional ? '' : ', required'}`, ...renderDocstring(doc)]
}

/** Properties as a list. */
export function fields({ members }: Pick<Declaration, 'members'>): string {
  return members
    .map(({ name, type, isOptional, doc }) => {
      const head = `- \`${name}${isOptional ? '?' : ''}\`: \`${type ?? 'unknown'}\``
      return doc ? `${head}. ${doc.text.replaceAll('\n', '\n  ')}` : head
    })
    .join('\n')
}

function table(rows: readonly Variable[]): string {
  return [
    '| variable | what |',
    '|---|---|',
    ...rows.map(({ name, text }) => `| \`${name}\` | ${text} |`),
  ].join('\n')
}
