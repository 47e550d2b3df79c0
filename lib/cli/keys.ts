/** `next-atproto-auth keys`: generates the application's secret and client keys, and rotates or publishes the keys. */
import { join } from 'node:path'
import { randomToken } from '../crypto/derive.ts'
import { parseClientJwk } from '../crypto/jwk.ts'
import { generatePrivateJwk, importKeyset, type PrivateJwk } from '../crypto/keyset.ts'
import { keysIn } from '../crypto/read-private-keys.ts'
import { ConfigurationError } from '../errors.ts'
import { readAppEnvironment, readTextToEdit, writeSecretFile } from './project/env-files.ts'
import { setVariable } from './project/env-text.ts'
import { type Command, parseArguments, type Terminal, UsageError } from './terminal/command.ts'

interface NamedJwk extends PrivateJwk {
  readonly kid: string
}

const VARIABLE = 'ATPROTO_CLIENT_KEYS'

/** The command `keys`. */
export const keys: Command = {
  summary: "print a new secret and client key, or rotate or publish the client's keys",
  help: `Usage: next-atproto-auth keys [generate | rotate | public] [options]

  generate   print a new ATPROTO_SECRET and ATPROTO_CLIENT_KEYS (the default)
  rotate     read ATPROTO_CLIENT_KEYS as the application does, and print it with a new key in front. The new key signs
             from then on; the older keys stay published, because sessions that they began need them
  public     print the public keys of ATPROTO_CLIENT_KEYS: the JWKS that authorization servers fetch

  --write    rotate: change the line in the .env file that contains the keys, and print no key
  --json     generate, rotate: print JSON instead of lines for an .env file`,
  async run(args, terminal) {
    const { values, positionals } = parseArguments(
      args,
      { write: { type: 'boolean' }, json: { type: 'boolean' } },
      1,
    )
    const [action = 'generate'] = positionals
    if (values.write && action !== 'rotate')
      throw new UsageError('--write can only be used with "keys rotate".')
    if (action === 'generate') terminal.print(values.json ? await generateJson() : await generateLines())
    else if (action === 'rotate') await rotate(terminal, values)
    else if (action === 'public') terminal.print(await publicKeys(terminal))
    else throw new UsageError(`Unknown action "${action}": use generate, rotate or public.`)
    return 0
  },
}

/**
 * Generates two lines, `ATPROTO_SECRET=…` and `ATPROTO_CLIENT_KEYS=…`. They are secret: they allow acting as the
 * application.
 */
export async function generateKeys(): Promise<string> {
  return `${await generateLines()}\n`
}

async function generateLines(): Promise<string> {
  return `ATPROTO_SECRET=${randomToken()}\n${keysLine([await generateKey()])}`
}

async function generateJson(): Promise<string> {
  const jwks = JSON.stringify({ keys: [await generateKey()] })
  return JSON.stringify({ ATPROTO_SECRET: randomToken(), [VARIABLE]: jwks }, null, 2)
}

async function generateKey(): Promise<NamedJwk> {
  const jwk = await generatePrivateJwk()
  const { active } = await importKeyset(jwk)
  return { ...jwk, kid: active.kid }
}

function keysLine(jwks: readonly NamedJwk[]): string {
  return `${VARIABLE}='${JSON.stringify({ keys: jwks })}'`
}

/**
 * Returns the keys in the text with a new key in front. Each existing key keeps the id by which servers know it.
 *
 * @param text JSON or PEM, as in ATPROTO_CLIENT_KEYS
 * @throws ConfigurationError when the text does not contain ES256 private keys, or too many of them
 */
export async function rotateKeys(text: string): Promise<readonly NamedJwk[]> {
  const published = (await importKeyset(text)).publicJwks.keys
  const jwks = (await keysIn(text)).map((key, index) => parseClientJwk(key, `Client key ${index + 1}`).jwk)
  const named = jwks.map((jwk, index) => ({ ...jwk, kid: published[index]?.kid ?? '' }))
  const rotated = [await generateKey(), ...named]
  await importKeyset(rotated)
  return rotated
}

async function rotate(terminal: Terminal, { write, json }: { write?: boolean; json?: boolean }) {
  const { text, file } = await currentKeys(terminal)
  const rotated = await rotateKeys(text)
  if (!write) {
    const jwks = JSON.stringify({ keys: rotated })
    terminal.print(json ? JSON.stringify({ [VARIABLE]: jwks }, null, 2) : keysLine(rotated))
    return
  }
  if (file === undefined)
    throw new ConfigurationError(
      `${VARIABLE} is in no .env file here. Run the command without --write, and store the printed value yourself.`,
    )
  const path = join(terminal.folder, file)
  await writeSecretFile(path, setVariable((await readTextToEdit(path)) ?? '', VARIABLE, keysLine(rotated)))
  terminal.print(
    `${file}: the new key ${rotated[0]?.kid} signs from the next start on; older keys still published: ${rotated.length - 1}.`,
  )
}

async function publicKeys(terminal: Terminal): Promise<string> {
  const { text } = await currentKeys(terminal)
  return JSON.stringify((await importKeyset(text)).publicJwks, null, 2)
}

async function currentKeys(terminal: Terminal): Promise<{ text: string; file: string | undefined }> {
  const mode = terminal.env.NODE_ENV === 'production' ? 'production' : 'development'
  const { values, files } = await readAppEnvironment(terminal, mode)
  const text = values[VARIABLE]
  if (text) return { text, file: files.get(VARIABLE) }
  throw new ConfigurationError(
    `${VARIABLE} is neither in the environment nor in an .env file here. "npx next-atproto-auth keys" prints a new one.`,
  )
}
