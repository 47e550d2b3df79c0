'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'

/** A link in the header, marked when it leads to the current page. */
export function NavLink({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  const isCurrent = usePathname() === href
  return (
    <Link className="nav-link" href={href} aria-current={isCurrent ? 'page' : undefined}>
      {children}
    </Link>
  )
}
