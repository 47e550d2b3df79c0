import Link from 'next/link'
import type { ReactNode } from 'react'

interface ConfirmProps {
  readonly question: string
  /** The button that does it. */
  readonly yes: string
  /** Where “Cancel” leads. */
  readonly cancel: string
  readonly action: (form: FormData) => Promise<void>
  readonly children?: ReactNode
}

/** Asks once more, by a form that works without scripts. */
export function Confirm({ question, yes, cancel, action, children }: ConfirmProps) {
  return (
    <form className="confirm" action={action}>
      <p id="confirm-question">{question}</p>
      {children}
      <div className="actions">
        {/* biome-ignore lint/a11y/noAutofocus: the link that had the focus gave way to this question */}
        <button className="button danger" type="submit" autoFocus aria-describedby="confirm-question">
          {yes}
        </button>
        <Link className="button quiet" href={cancel} scroll={false} replace>
          Cancel
        </Link>
      </div>
    </form>
  )
}
