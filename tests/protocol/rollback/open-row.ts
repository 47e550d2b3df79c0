/**
 * Opens rows and cookies without the library: an independent implementation of the format, which does not change when
 * the library does.
 */
import { createHash, createHmac, hkdfSync } from 'node:crypto'
import { unsealData } from 'iron-session'
import { compactDecrypt } from 'jose'

/** The sealing label of a row, by the prefix of its key. */
const labels: Readonly<Record<string, string>> = {
  session: 'session row',
  state: 'state row',
  server: 'server row',
  'cli-account': 'command line account row',
  'cli-sign-in': 'command line sign-in row',
}

export interface StoredRow {
  readonly key: string
  readonly value: string
}

/**
 * The content of a row.
 *
 * @param clientId bound into the rows of a client. The command line's rows are bound to no client
 */
export async function openRow(
  { key, value }: StoredRow,
  { secret, clientId }: { readonly secret: string; readonly clientId: string },
): Promise<Record<string, unknown>> {
  const [kind = '', name = ''] = key.split(':')
  const bytes = deriveKey(secret, labels[kind] ?? '')
  const { plaintext, protectedHeader } = await compactDecrypt(value, bytes)
  const context = kind.startsWith('cli-') ? [name] : [kind, clientId, name]
  const header = { alg: 'dir', enc: 'A256GCM', kid: kidOf(bytes), ctx: sha256(JSON.stringify(context)) }
  if (JSON.stringify(protectedHeader) !== JSON.stringify(header))
    throw new Error(`${key} has the header ${JSON.stringify(protectedHeader)}`)
  return { ...Object(JSON.parse(new TextDecoder().decode(plaintext))) }
}

/** The content of a cookie of that purpose. */
export async function openCookie(
  text: string,
  purpose: 'session cookie' | 'flow cookie',
  secret: string,
): Promise<Record<string, unknown>> {
  const bytes = deriveKey(secret, purpose)
  const id = Buffer.from(kidOf(bytes), 'base64url').reduce((sum, byte) => (sum * 256 + byte) % 2 ** 32, 0)
  const content = await unsealData(text, { password: { [id]: bytes.toString('base64url') } })
  return { ...Object(content) }
}

/** The name under which the store keeps a value that must not be visible in it. */
export function blindName(secret: string, label: string, value: string): string {
  return createHmac('sha256', deriveKey(secret, label)).update(value).digest('base64url')
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('base64url')
}

function deriveKey(secret: string, label: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `next-atproto-auth/1/${label}`, 32))
}

function kidOf(bytes: Uint8Array): string {
  return sha256(bytes).slice(0, 11)
}
