'use client'

import Link from 'next/link'
import { useSelectedLayoutSegments } from 'next/navigation'
import type { ReactNode } from 'react'
import { withoutScripts } from './without-scripts.tsx'

/** The folder of the current page. It is used instead of the path, because `/` has two pages. For the header. */
export function usePage(): { readonly name: string; readonly isWhole: boolean } {
  const segments = useSelectedLayoutSegments()
  const isWhole = segments[0] === 'whole'
  return { name: segments.slice(isWhole ? 1 : 0).join('/'), isWhole }
}

interface NavLinkProps {
  readonly href: string
  /** The folder of the page in app/. */
  readonly page: string
  readonly children: ReactNode
}

/** A link in the header, marked when it leads to the current page. */
export function NavLink({ href, page, children }: NavLinkProps) {
  const { name, isWhole } = usePage()
  // The sign-in page with a query is sent whole to everyone.
  const target = isWhole && name !== 'sign-in' ? withoutScripts(href) : href
  return (
    <Link className="nav-link" href={target} aria-current={name === page ? 'page' : undefined}>
      {children}
    </Link>
  )
}
