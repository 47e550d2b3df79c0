import type { ReactNode } from 'react'
import { PageLink } from '../_frame/without-scripts.tsx'

interface ConfirmProps {
  readonly question: string
  /** The label of the button that confirms. */
  readonly yes: string
  /** The path that “Cancel” leads to. */
  readonly cancel: string
  readonly action: (form: FormData) => Promise<void>
  readonly children?: ReactNode
}

/** Asks for a confirmation, with a form that works without scripts. */
export function Confirm({ question, yes, cancel, action, children }: ConfirmProps) {
  return (
    <form className="confirm" action={action}>
      <p id="confirm-question">{question}</p>
      {children}
      <div className="actions">
        {/* biome-ignore lint/a11y/noAutofocus: this question replaces the link that had the focus */}
        <button className="button danger" type="submit" autoFocus aria-describedby="confirm-question">
          {yes}
        </button>
        <PageLink className="button quiet" href={cancel} scroll={false} replace>
          Cancel
        </PageLink>
      </div>
    </form>
  )
}
