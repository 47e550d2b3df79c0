import type { Metadata } from 'next'
import Link from 'next/link'

export const metadata: Metadata = { title: 'Page not found' }

export default function NotFound() {
  return (
    <div className="message">
      <h1>Page not found</h1>
      <p>The address may be mistyped, or the page may have moved.</p>
      <p>
        <Link className="button" href="/">
          Go to the home page
        </Link>
      </p>
    </div>
  )
}
