/** Puts the focus back into a field when an action of the application has found fault with it. */
'use client'

import { useEffect, useRef } from 'react'

interface FocusOnErrorProps {
  readonly fieldId: string
  /** What the action returned last, a new object each time; null before that. */
  readonly state: { readonly error?: string | undefined } | null
}

/** Renders nothing. A page that is loaded with an error has `autofocus` on the field instead. */
export function FocusOnError({ fieldId, state }: FocusOnErrorProps) {
  const seen = useRef(state)
  useEffect(() => {
    if (seen.current === state) return
    seen.current = state
    if (state?.error !== undefined) document.getElementById(fieldId)?.focus()
  }, [fieldId, state])
  return null
}
