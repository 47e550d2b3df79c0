/** A submit button that shows when its form is being submitted and prevents a second submission. */
'use client'

import { type ComponentPropsWithoutRef, type RefObject, useEffect, useRef, useState } from 'react'
import { useFormStatus } from 'react-dom'

/** After this time the form can be used again, because no event reports that the user stopped the navigation. */
const RESTORE_MS = 15_000

interface SubmitButtonProps extends Omit<ComponentPropsWithoutRef<'button'>, 'type'> {
  /** Replaces the children while the form is being submitted. */
  readonly pendingLabel?: React.ReactNode
}

export function SubmitButton({ pendingLabel, children, ...rest }: SubmitButtonProps) {
  const button = useRef<HTMLButtonElement>(null)
  const isPosted = useIsPosted(button)
  const { pending } = useFormStatus()
  const isPending = isPosted || pending
  return (
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
  )
}

/** Whether the browser itself is posting the button's form, which `useFormStatus` does not report. */
function useIsPosted(button: RefObject<HTMLButtonElement | null>): boolean {
  const [isPosted, setIsPosted] = useState(false)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const restore = () => {
      clearTimeout(timer)
      timer = undefined
      setIsPosted(false)
    }
    // On the window, so that React's listener runs first and has prevented the default for a form with a server action.
    const onSubmit = (event: SubmitEvent) => {
      if (event.defaultPrevented || event.target !== button.current?.form) return
      if (timer !== undefined) return event.preventDefault()
      timer = setTimeout(restore, RESTORE_MS)
      setIsPosted(true)
    }
    window.addEventListener('submit', onSubmit)
    // When the user goes back, the browser may show this page in the state in which it was left.
    window.addEventListener('pageshow', restore)
    return () => {
      clearTimeout(timer)
      window.removeEventListener('submit', onSubmit)
      window.removeEventListener('pageshow', restore)
    }
  }, [button])
  return isPosted
}
