'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'

/** A link of the header, marked when it is the page that is shown. */
export function NavLink({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  const isHere = usePathname() === href
  return (
    <Link className="nav-link" href={href} aria-current={isHere ? 'page' : undefined}>
      {children}
    </Link>
  )
}
