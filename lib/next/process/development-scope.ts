/**
 * Notices a changed scope in development. The loopback client's id contains the scope, so with another scope the
 * application is another client, and the sessions of the previous one are not found (atproto.com/specs/oauth, "Localhost
 * Client Development").
 */
import 'server-only'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

interface DevelopmentClient {
  readonly publicUrl: string
  readonly scope: string
}

const schema = z.record(z.string(), z.string())

/**
 * Compares the scope with the one that the folder of the sessions remembers, and remembers it instead. Returns a warning
 * if they differ.
 */
export async function warningAboutScope(
  folder: string,
  { publicUrl, scope }: DevelopmentClient,
): Promise<string | undefined> {
  const path = join(folder, 'development-scopes.json')
  const scopes = await readScopes(path)
  const previous = scopes[publicUrl]
  if (previous === scope) return
  // A folder that cannot be written to makes the application fail elsewhere, with a better message.
  await writeFile(path, JSON.stringify({ ...scopes, [publicUrl]: scope })).catch(() => undefined)
  if (previous === undefined) return
  return `The scope changed to "${scope}", which makes another client in development: everybody has to sign in again.`
}

/** Empty if the file is missing or cut off: it is only a reminder. */
async function readScopes(path: string): Promise<Readonly<Record<string, string>>> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return {}
  }
}
