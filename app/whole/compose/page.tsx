import { ComposeCard } from '../../compose/compose-card.tsx'
import { readFailedDraft } from '../../compose/failed-draft.ts'

export { metadata } from '../../compose/page.tsx'

// It waits for the session, so that it is complete without JavaScript.
export const instant = false

/** The page to write a post, and the answer to its form where no script has sent it. */
export default async function ComposePageWithoutScripts() {
  return <ComposeCard failed={await readFailedDraft()} />
}
