'use client'

import Link from 'next/link'
import type { ComponentProps, ReactNode } from 'react'
import { useIsWhole } from './streamed.tsx'

interface WithoutScriptsProps {
  /** The path of the page, one that next.config.ts knows without scripts. */
  readonly path: string
  /** A sentence on what is not shown without JavaScript. */
  readonly children: ReactNode
}

/** For people who have turned JavaScript off: leads to the page that is sent whole. */
export function WithoutScripts({ path, children }: WithoutScriptsProps) {
  if (useIsWhole()) return null
  return (
    <noscript>
      <p className="notice">
        {children} <a href={withoutScripts(path)}>Show it without JavaScript</a>
      </p>
    </noscript>
  )
}

interface PageLinkProps extends Omit<ComponentProps<typeof Link>, 'href'> {
  readonly href: string
}

/** A link to a page of this app. It stays without scripts where the current page is. */
export function PageLink({ href, ...props }: PageLinkProps) {
  return <Link {...props} href={useIsWhole() ? withoutScripts(href) : href} />
}

/** The path of the page that is sent whole. */
export function withoutScripts(path: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}scripts=off`
}
