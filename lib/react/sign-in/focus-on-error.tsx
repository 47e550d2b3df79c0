/** Moves the focus to a field when a server action of the application returned an error for it. */
'use client'

import { useEffect, useRef } from 'react'

interface FocusOnErrorProps {
  readonly fieldId: string
  /** The latest result of the action, a new object each time; null before the first one. */
  readonly state: { readonly error?: string | undefined } | null
}

/** Renders nothing. On a page that is loaded with an error, the field has `autofocus` instead. */
export function FocusOnError({ fieldId, state }: FocusOnErrorProps) {
  const seen = useRef(state)
  useEffect(() => {
    if (seen.current === state) return
    seen.current = state
    if (state?.error !== undefined) document.getElementById(fieldId)?.focus()
  }, [fieldId, state])
  return null
}
