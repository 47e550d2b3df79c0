/** The `<details>` element of the account menu. It works without scripts; with scripts it closes like a menu. */
'use client'

import { type ComponentPropsWithoutRef, useEffect, useRef } from 'react'

/** Closes on Escape, on a press outside, and when the focus leaves it. */
export function AccountDisclosure({ children, ...rest }: ComponentPropsWithoutRef<'details'>) {
  const details = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    const element = details.current
    const closeOutside = ({ target }: Event) => {
      if (element?.open && target instanceof Node && !element.contains(target)) element.open = false
    }
    document.addEventListener('pointerdown', closeOutside)
    document.addEventListener('focusin', closeOutside)
    return () => {
      document.removeEventListener('pointerdown', closeOutside)
      document.removeEventListener('focusin', closeOutside)
    }
  }, [])
  return (
    <details
      {...rest}
      ref={details}
      onKeyDown={({ key, currentTarget }) => {
        if (key !== 'Escape' || !currentTarget.open) return
        currentTarget.open = false
        currentTarget.querySelector('summary')?.focus()
      }}
    >
      {children}
    </details>
  )
}
