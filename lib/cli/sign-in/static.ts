/** `next-atproto-auth static`: writes a public client for "login --two-phase", as two files for any static host. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { ConfigurationError } from '../../errors.ts'
import { prescribed } from '../../oauth/client-metadata/build.ts'
import { parseClientMetadata } from '../../oauth/client-metadata/parse.ts'
import { escapeControls } from '../../untrusted-text.ts'
import { type Command, parseArguments, type Terminal, UsageError } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { shellQuote, toJson } from '../terminal/output.ts'
import { renderCallbackPage } from './callback-pages.ts'

const METADATA_FILE = 'oauth-client-metadata.json'
const CALLBACK_FILE = 'callback/index.html'
const options = {
  url: { type: 'string' },
  scope: { type: 'string' },
  name: { type: 'string' },
  force: { type: 'boolean' },
  'allow-http': { type: 'boolean' },
  json: { type: 'boolean' },
} as const

/** The command `static`, which is a reserved word in JavaScript. */
export const staticClient: Command = {
  summary: 'write a public client for a static host',
  help: `Usage: next-atproto-auth static FOLDER --url https://… [options]

Writes ${METADATA_FILE} and ${CALLBACK_FILE}. Publish both on a static host at that URL, and
sign in with "login --two-phase --client-id …". Consent pages then show your domain instead of "localhost".

  --url URL                https address at which FOLDER is published
  --scope "atproto …"      the largest scope the client may ask for; default "atproto" (sign-in only)
  --name NAME              the client's name on consent pages
  --force                  overwrite existing files
  --allow-http             also accept a host on this machine's network, for testing
  --json                   print the result as JSON`,
  async run(args, terminal) {
    const { values: flags, positionals } = parseArguments(args, options, 1)
    const [folder] = positionals
    if (folder === undefined)
      throw new UsageError('Missing argument: a folder. It is created if it does not exist.')
    const client = describeClient(flags)
    const files = { [METADATA_FILE]: `${toJson(client)}\n`, [CALLBACK_FILE]: renderCallbackPage() }
    const written = await writeFiles(resolve(terminal.folder, folder), files, {
      overwrite: flags.force === true,
    })
    const { client_id: clientId, redirect_uris } = client
    report({ clientId, redirectUri: redirect_uris[0], files: written }, flags, terminal)
    return exitCode.ok
  },
}

/**
 * Builds and checks the metadata of the client.
 *
 * @throws UsageError when authorization servers would refuse it
 */
export function describeClient(flags: {
  readonly url?: string | undefined
  readonly scope?: string | undefined
  readonly name?: string | undefined
  readonly 'allow-http'?: boolean | undefined
}) {
  const base = flags.url?.replace(/\/+$/, '')
  if (!base?.startsWith('https://'))
    throw new UsageError('--url must be the https address at which the folder is published.')
  try {
    return parseClientMetadata(
      {
        client_id: `${base}/${METADATA_FILE}`,
        client_name: flags.name || undefined,
        client_uri: base,
        application_type: 'web',
        redirect_uris: [`${base}/callback/`],
        scope: flags.scope ?? 'atproto',
        ...prescribed,
        token_endpoint_auth_method: 'none',
      },
      { keyset: undefined, allowLoopback: flags['allow-http'] ?? false },
    )
  } catch (error) {
    if (error instanceof ConfigurationError) throw new UsageError(escapeControls(error.message))
    throw error
  }
}

/** @throws ConfigurationError when a file exists, unless `overwrite` is set */
async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string>>,
  { overwrite }: { readonly overwrite: boolean },
): Promise<readonly string[]> {
  const written = []
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text, { flag: overwrite ? 'w' : 'wx' }).catch((cause: unknown) => {
      const isExisting = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
      if (!isExisting) throw cause
      throw new ConfigurationError(`${path} already exists. --force overwrites it.`, { cause })
    })
    written.push(path)
  }
  return written
}

interface Written {
  readonly clientId: string
  readonly redirectUri: string
  readonly files: readonly string[]
}

function report(written: Written, flags: { readonly json?: boolean | undefined }, terminal: Terminal): void {
  const text = flags.json ? toJson(written) : nextSteps(written)
  terminal.print(text)
}

function nextSteps({ clientId, redirectUri, files }: Written): string {
  return `${files.map((file) => `Wrote ${file}`).join('\n')}

When both files are published:

  export ATPROTO_OAUTH_CLIENT_ID=${shellQuote(clientId)}
  export ATPROTO_OAUTH_REDIRECT_URI=${shellQuote(redirectUri)}
  npx next-atproto-auth login --two-phase HANDLE`
}
