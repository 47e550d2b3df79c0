/** A submit button that shows when its form is being submitted and prevents a second submission. */
'use client'

import { type ComponentPropsWithoutRef, useRef } from 'react'
import { useFormStatus } from 'react-dom'
import { useFormPost } from './form-post.ts'

interface SubmitButtonProps extends Omit<ComponentPropsWithoutRef<'button'>, 'type'> {
  /** Replaces the children while the form is being submitted. */
  readonly pendingLabel?: React.ReactNode
  /** What is shown when the page's Content-Security-Policy stops the form. */
  readonly blockedMessage?: React.ReactNode
}

const BLOCKED = 'The settings of this site keep the browser from going on. Please tell its owner.'

export function SubmitButton({
  pendingLabel,
  blockedMessage = BLOCKED,
  children,
  ...rest
}: SubmitButtonProps) {
  const button = useRef<HTMLButtonElement>(null)
  const post = useFormPost(button)
  const { pending } = useFormStatus()
  const isPending = post === 'posting' || pending
  return (
    <>
      {post === 'blocked' ? (
        <p data-atproto="error" role="alert">
          {blockedMessage}
        </p>
      ) : null}
      <button
        {...rest}
        ref={button}
        type="submit"
        // Not `disabled`: a disabled button loses the focus, and keyboard users lose their place.
        aria-disabled={isPending || undefined}
        data-pending={isPending || undefined}
        onClick={(event) => isPending && event.preventDefault()}
      >
        {isPending ? (pendingLabel ?? children) : children}
      </button>
    </>
  )
}
