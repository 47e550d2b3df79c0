import type { Metadata } from 'next'
import { maxPictureBytes, megabytes } from '../picture-limits.ts'

export const metadata: Metadata = { title: 'Too large' }

/** next.config.ts redirects forms to this page that are so large that Next would cut them off. */
export default function TooLargePage() {
  return (
    <div className="message">
      <h1>That was too large to send</h1>
      <p>
        Nothing was posted. Go back in your browser, where your text should still be, and choose smaller
        pictures: each can have up to {megabytes(maxPictureBytes)}.
      </p>
      <p>
        <a className="button" href="/compose">
          Start again
        </a>
      </p>
    </div>
  )
}
