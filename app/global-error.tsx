'use client'

import './globals.css'
import './controls.css'
import './pages.css'
import { FailureMessage, type FailureProps } from './_failure/failure-message.tsx'

/** Replaces the whole document when the root layout failed. */
export default function GlobalError({ error, retry }: FailureProps) {
  return (
    <html lang="en">
      <body>
        <title>Something went wrong · Next ATProto</title>
        <main id="main">
          <FailureMessage error={error} retry={retry} />
        </main>
      </body>
    </html>
  )
}
