import { z } from 'zod'
import { readSession } from '../../_data/session.ts'
import { Outage } from '../../_failure/outage.tsx'
import { PermissionDeclined } from '../../sign-in/permission-declined.tsx'
import { AlreadySignedIn, SignInCard } from '../../sign-in/sign-in-card.tsx'

export { metadata } from '../../sign-in/page.tsx'

// It waits for the session, so that what the query says is shown without JavaScript.
export const instant = false

interface SignInProps {
  readonly searchParams: Promise<unknown>
}

// A link can contain anything: an unexpected value (repeated, too long) counts as absent.
const paramsSchema = z.object({
  error: z.string().max(64).optional().catch(undefined),
  errorReference: z.string().max(64).optional().catch(undefined),
  identifier: z.string().max(512).optional().catch(undefined),
  returnTo: z.string().max(2048).optional().catch(undefined),
  scope: z.string().max(8192).optional().catch(undefined),
})

/** The sign-in page with a query: an error, a handle, or the page to return to. */
export default async function SignInPageWithQuery({ searchParams }: SignInProps) {
  const [session, params] = await Promise.all([readSession(), searchParams])
  if (session === 'outage') return <Outage path="/sign-in" />
  const query = paramsSchema.parse(params)
  const { error, errorReference, returnTo, scope } = query
  // A signed-in person was asked for one more permission and did not grant it.
  if (session !== null && error !== undefined && scope !== undefined) {
    return (
      <PermissionDeclined
        did={session.did}
        error={error}
        errorReference={errorReference}
        returnTo={returnTo}
        scope={scope}
      />
    )
  }
  return <SignInCard query={query}>{session === null ? null : <AlreadySignedIn />}</SignInCard>
}
