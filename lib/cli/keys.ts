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
  rotate     read ATPROTO_CLIENT_KEYS as the application does, and print it with a new key at the end. The key is
             published and does not sign yet, because authorization servers cache the public keys for ten minutes.
             Then run "keys rotate --finish=KID": the key signs new sign-ins. The older keys stay published, because
             sessions that they began need them
  public     print the public keys of ATPROTO_CLIENT_KEYS: the JWKS that authorization servers fetch

  --finish <kid>  rotate: move the key with this id to the front
  --write         rotate: change the line in the .env file that contains the keys, and print no key. It finds .env,
                  .env.local, .env.development and .env.production (and .local), as Next.js does: with
                  NODE_ENV=production those of "next start", otherwise those of "next dev"
  --json          generate, rotate: print JSON instead of lines for an .env file`,
  async run(args, terminal) {
    const { values, positionals } = parseArguments(
      args,
      { write: { type: 'boolean' }, finish: { type: 'string' }, json: { type: 'boolean' } },
      1,
    )
    const [action = 'generate'] = positionals
    const [option] = (['write', 'finish'] as const).filter((name) => values[name] !== undefined)
    if (option && action !== 'rotate')
      throw new UsageError(`--${option} can only be used with "keys rotate".`)
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
 * Returns the keys in the text, each with the id by which servers know it.
 *
 * @param text JSON or PEM, as in ATPROTO_CLIENT_KEYS
 * @throws ConfigurationError when the text does not contain ES256 private keys, or too many of them
 */
async function namedKeysIn(text: string): Promise<readonly NamedJwk[]> {
  const published = (await importKeyset(text)).publicJwks.keys
  const jwks = (await keysIn(text)).map((key, index) => parseClientJwk(key, `Client key ${index + 1}`).jwk)
  return jwks.map((jwk, index) => ({ ...jwk, kid: published[index]?.kid ?? '' }))
}

interface Rotation {
  readonly keys: readonly NamedJwk[]
  /** What has changed, and what to do next. */
  readonly note: string
}

/**
 * The first step: a new key after the others. A server that has cached the public keys would refuse a sign-in that the
 * new key signs.
 */
async function addKey(present: readonly NamedJwk[]): Promise<Rotation> {
  const added = await generateKey()
  const keys = [...present, added]
  // Refuses too many.
  await importKeyset(keys)
  const note = `The key ${added.kid} is published from the next start on, and does not sign yet. Deploy it everywhere, wait ten minutes, and run: npx next-atproto-auth keys rotate --finish=${added.kid}`
  return { keys, note }
}

/** The second step: the first key signs new sign-ins. */
function moveToFront(present: readonly NamedJwk[], kid: string): Rotation {
  const key = present.find((each) => each.kid === kid)
  if (!key) {
    const ids = present.map((each) => each.kid).join(', ')
    throw new ConfigurationError(`No key has the id "${kid}". The ids are: ${ids}.`)
  }
  if (key === present[0]) return { keys: present, note: `The key ${kid} signs new sign-ins already.` }
  const keys = [key, ...present.filter((each) => each !== key)]
  const note = `The key ${kid} signs new sign-ins from the next start on. Older keys still published: ${keys.length - 1}. Keep them for 180 days.`
  return { keys, note }
}

interface RotateOptions {
  readonly write?: boolean
  readonly finish?: string
  readonly json?: boolean
}

async function rotate(terminal: Terminal, { write, finish, json }: RotateOptions): Promise<void> {
  const { text, file } = await currentKeys(terminal)
  const present = await namedKeysIn(text)
  const { keys, note } = finish === undefined ? await addKey(present) : moveToFront(present, finish)
  if (!write) {
    const jwks = JSON.stringify({ keys })
    terminal.print(json ? JSON.stringify({ [VARIABLE]: jwks }, null, 2) : keysLine(keys))
    terminal.printError(note)
    return
  }
  if (file === undefined)
    throw new ConfigurationError(
      `${VARIABLE} comes from the environment and is in none of the .env files here. Run the command without --write, and store the printed value yourself.`,
    )
  const path = join(terminal.folder, file)
  await writeSecretFile(path, setVariable((await readTextToEdit(path)) ?? '', VARIABLE, keysLine(keys)))
  terminal.print(`${file}: ${note}`)
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
