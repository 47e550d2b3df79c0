/** A submit button that says that it is at work and sends nothing twice; without scripts, a plain button. */
'use client'

import { type ComponentPropsWithoutRef, type RefObject, useEffect, useRef, useState } from 'react'
import { useFormStatus } from 'react-dom'

/** After this long the form is usable again: that a person stopped the navigation, no event tells. */
const GIVE_UP_MS = 15_000

interface SubmitButtonProps extends Omit<ComponentPropsWithoutRef<'button'>, 'type'> {
  /** Takes the place of the children while the form is under way. */
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
      // Not disabled: a disabled button loses the focus, and with it the person who uses the keyboard.
      aria-disabled={isPending || undefined}
      data-pending={isPending || undefined}
      onClick={(event) => isPending && event.preventDefault()}
    >
      {isPending ? (pendingLabel ?? children) : children}
    </button>
  )
}

/** Whether the button's form is being posted by the browser, of which `useFormStatus` knows nothing. */
function useIsPosted(button: RefObject<HTMLButtonElement | null>): boolean {
  const [isPosted, setIsPosted] = useState(false)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const restore = () => {
      clearTimeout(timer)
      timer = undefined
      setIsPosted(false)
    }
    // On the window, after React's own listener: a form with an action of the application is prevented by then.
    const onSubmit = (event: SubmitEvent) => {
      if (event.defaultPrevented || event.target !== button.current?.form) return
      if (timer !== undefined) return event.preventDefault()
      timer = setTimeout(restore, GIVE_UP_MS)
      setIsPosted(true)
    }
    window.addEventListener('submit', onSubmit)
    // Back from the server's page: the browser shows this one as it was left.
    window.addEventListener('pageshow', restore)
    return () => {
      clearTimeout(timer)
      window.removeEventListener('submit', onSubmit)
      window.removeEventListener('pageshow', restore)
    }
  }, [button])
  return isPosted
}
