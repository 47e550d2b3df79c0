/** `next-atproto-auth keys`: the application's secret and the keys of its client. */
import { join } from 'node:path'
import { randomToken } from '../crypto/derive.ts'
import { parseClientJwk } from '../crypto/jwk.ts'
import { keysIn } from '../crypto/key-text.ts'
import { generatePrivateJwk, importKeyset, type PrivateJwk } from '../crypto/keyset.ts'
import { ConfigurationError } from '../errors.ts'
import { readAppEnvironment, readText, setVariable, writeSecretFile } from './project/env-files.ts'
import { type Command, readCall, type Terminal, UsageError } from './terminal/command.ts'

interface NamedJwk extends PrivateJwk {
  readonly kid: string
}

const VARIABLE = 'ATPROTO_CLIENT_KEYS'

/** The command. */
export const keys: Command = {
  summary: "print a new secret and client key, or rotate or publish the client's keys",
  help: `Usage: next-atproto-auth keys [generate | rotate | public] [options]

  generate   print a new ATPROTO_SECRET and ATPROTO_CLIENT_KEYS (this is the default)
  rotate     read ATPROTO_CLIENT_KEYS, as the application would, and print it with a new key in front: the new one
             signs from now on, the others stay published, because sessions that they began need them
  public     print the public keys of ATPROTO_CLIENT_KEYS, the JWKS that authorization servers fetch

  --write    rotate: change the line in the .env file that has it, and print no key
  --json     generate, rotate: print JSON instead of lines for an .env file`,
  async run(args, terminal) {
    const { values, positionals } = readCall(
      args,
      { write: { type: 'boolean' }, json: { type: 'boolean' } },
      1,
    )
    const [action = 'generate'] = positionals
    if (values.write && action !== 'rotate') throw new UsageError('--write belongs to "keys rotate".')
    if (action === 'generate') terminal.print(values.json ? await generateJson() : await generateLines())
    else if (action === 'rotate') await rotate(terminal, values)
    else if (action === 'public') terminal.print(await publicKeys(terminal))
    else throw new UsageError(`There is no "keys ${action}".`)
    return 0
  },
}

/** Two lines, `ATPROTO_SECRET=…` and `ATPROTO_CLIENT_KEYS=…`; whoever reads them can act as the application. */
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
 * The keys of that text with a new one in front. Each keeps the id that servers know it by.
 *
 * @param text JSON or PEM, as ATPROTO_CLIENT_KEYS has it
 * @throws ConfigurationError when it is not the text of ES256 private keys, or there are too many of them
 */
export async function rotateKeys(text: string): Promise<readonly NamedJwk[]> {
  const published = (await importKeyset(text)).publicJwks.keys
  const given = (await keysIn(text)).map((key, index) => parseClientJwk(key, `Client key ${index + 1}`).jwk)
  const named = given.map((jwk, index) => ({ ...jwk, kid: published[index]?.kid ?? '' }))
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
      `${VARIABLE} is in no .env file here: leave out --write and put it where it is kept.`,
    )
  const path = join(terminal.folder, file)
  await writeSecretFile(path, setVariable((await readText(path)) ?? '', VARIABLE, keysLine(rotated)))
  terminal.print(
    `${file}: ${rotated[0]?.kid} signs from the next start on; ${rotated.length - 1} older published.`,
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
    `${VARIABLE} is neither in the environment nor in an .env file here. "next-atproto-auth keys" prints a new one.`,
  )
}
