/** docs/configuration.md: every option and environment variable, from the docstrings of the sources. */
import { renderDocstring } from './docstring.ts'
import { hostVariables, type Variable, variables } from './environment.ts'
import { type Declaration, declarationOf, type Member } from './public-api.ts'

const intro = `# Configuration

Every option and every environment variable. Made by \`npm run docs\` from the docstrings of the sources; a test
([tests/unit/docs/reference.test.ts](../tests/unit/docs/reference.test.ts)) fails when this page is out of date.

An application in development needs no option and no variable. In production it needs \`PUBLIC_URL\`, \`ATPROTO_SECRET\`,
\`ATPROTO_CLIENT_KEYS\` and a store; [deployment.md](deployment.md) says what that means in each place. An option goes
before its variable. Nothing is read or demanded before the first request, so that \`next build\` needs no secret; then all
that is wrong is logged once, each with the fix, and the handlers answer "Not set up" with status 500. An unknown option is
an error, too: a misspelt one does not go unnoticed.

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
    'The network that `localNetwork` names:',
    fields(declarationOf('lib/oauth/client-options.ts', 'LocalNetwork')),
    '## Hooks',
    'Options too. What each is told is in [api.md](api.md#authhooks).',
    ...hooks.members.flatMap((member) => option(member)),
    'An `ErrorEvent` names what was being done (`activity`), and the `error`, whose `code` is in [api.md](api.md#errorcode).',
    '## Limits of the sign-in',
    'Options too.',
    ...limits.members.flatMap((member) => option(member)),
    'The limits of `loginLimits`:',
    fields(declarationOf('lib/next/limits/login-limits.ts', 'LoginLimits')),
    '## authMiddleware()',
    'Of the entry `next-atproto-auth/middleware`, also called `authProxy`.',
    ...guard.members.flatMap((member) => option(member)),
    'A `PathPattern` is a text, a regular expression or a function:',
    ...renderDocstring(declarationOf('lib/web/path-pattern.ts', 'PathPattern').doc),
    '## Environment variables',
    'To be set by whoever runs the application. Those of the command line are in [command-line.md](command-line.md#commands).',
    table(variables),
    'Set by the host or by Next.js, and looked at:',
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
