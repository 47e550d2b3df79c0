/** The host name of this app, as browsers know it. */
import 'server-only'
import { auth } from '../../auth.ts'

/** From the public URL: the request's own `host` header says what the sender wants. */
export async function readOwnHost(): Promise<string> {
  const { clientMetadata } = await auth.client()
  const [callback] = clientMetadata.redirect_uris
  return new URL(callback).hostname
}
