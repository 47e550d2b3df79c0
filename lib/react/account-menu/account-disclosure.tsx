/** The `<details>` element of the account menu. It works without scripts; with scripts it closes like a menu. */
'use client'

import { type ComponentPropsWithoutRef, useEffect, useRef } from 'react'
import { useFetchesProfile } from '../session/session-context.tsx'

/** The space between the panel and the edge of the window, in pixels. */
const MARGIN = 8

/** Closes on Escape, on a press outside, and when the focus leaves it. Its panel stays inside the window. */
export function AccountDisclosure({ children, ...rest }: ComponentPropsWithoutRef<'details'>) {
  const details = useRef<HTMLDetailsElement>(null)
  const fetchesProfile = useFetchesProfile()
  useEffect(() => {
    const element = details.current
    const closeOutside = ({ target }: Event) => {
      if (element?.open && target instanceof Node && !element.contains(target)) element.open = false
    }
    const fit = () => element?.open && moveIntoWindow(element)
    window.addEventListener('resize', fit)
    document.addEventListener('pointerdown', closeOutside)
    document.addEventListener('focusin', closeOutside)
    return () => {
      window.removeEventListener('resize', fit)
      document.removeEventListener('pointerdown', closeOutside)
      document.removeEventListener('focusin', closeOutside)
    }
  }, [])
  return (
    <details
      {...rest}
      // The stylesheet keeps room for what arrives after the page.
      data-profile={fetchesProfile ? 'fetched' : undefined}
      ref={details}
      onToggle={({ currentTarget }) => currentTarget.open && moveIntoWindow(currentTarget)}
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

/** Where the button is decides which part of the panel would be cut off, and only the browser knows that. */
function moveIntoWindow(details: HTMLDetailsElement): void {
  const panel = details.querySelector<HTMLElement>('[data-atproto="account-menu-panel"]')
  if (!panel) return
  panel.style.translate = ''
  const { left, right } = panel.getBoundingClientRect()
  const atRight = Math.min(0, document.documentElement.clientWidth - MARGIN - right)
  const shift = left + atRight < MARGIN ? MARGIN - left : atRight
  if (shift !== 0) panel.style.translate = `${shift}px`
}
