import type { Metadata } from 'next'
import { maxPictureBytes, megabytes } from '../picture-limits.ts'

export const metadata: Metadata = { title: 'Too large' }

/** Where next.config.ts sends forms that are so large that Next would cut them off. */
export default function TooLargePage() {
  return (
    <div className="message">
      <h1>That was too large to send</h1>
      <p>
        Nothing was posted. Go back with your browser, where your text should still be, and choose smaller
        pictures: each may have up to {megabytes(maxPictureBytes)}.
      </p>
      <p>
        <a className="button" href="/compose">
          Start anew
        </a>
      </p>
    </div>
  )
}
