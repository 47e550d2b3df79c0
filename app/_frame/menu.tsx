'use client'

import { type ReactNode, useEffect, useRef } from 'react'

interface MenuProps {
  readonly className: string
  readonly label: ReactNode
  readonly children: ReactNode
}

/** Opens by itself where no script runs; scripts close it again by Escape, a click elsewhere, or a link in it. */
export function Menu({ className, label, children }: MenuProps) {
  const menu = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    const closeIfOutside = (event: Event) => {
      if (menu.current?.open && event.target instanceof Node && !menu.current.contains(event.target)) {
        menu.current.open = false
      }
    }
    document.addEventListener('pointerdown', closeIfOutside)
    document.addEventListener('focusin', closeIfOutside)
    return () => {
      document.removeEventListener('pointerdown', closeIfOutside)
      document.removeEventListener('focusin', closeIfOutside)
    }
  }, [])
  return (
    <details
      className={className}
      ref={menu}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !menu.current?.open) return
        menu.current.open = false
        menu.current.querySelector('summary')?.focus()
      }}
      onClick={(event) => {
        if (menu.current && event.target instanceof Element && event.target.closest('a'))
          menu.current.open = false
      }}
    >
      <summary>{label}</summary>
      {children}
    </details>
  )
}
