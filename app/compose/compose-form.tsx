'use client'

import { useActionState, useState } from 'react'
import { type ComposeState, composePost } from '../actions.ts'
import { countGraphemes, maxGraphemes, normalizePostText, plural } from './post-text.ts'

const initialState: ComposeState = { text: '' }

/** The form to write a post. Without scripts it posts to the same action; only the live count is missing. */
export function ComposeForm() {
  const [state, formAction, isPending] = useActionState(composePost, initialState)
  // Undefined until something is typed: without scripts the count would never change and be wrong.
  const [left, setLeft] = useState<number>()
  const isOver = left !== undefined && left < 0
  return (
    <form className="stack" action={formAction}>
      {state.error === undefined ? null : (
        <p className="problem" role="alert" id="post-error">
          {state.error}
        </p>
      )}
      <div className="field">
        <label htmlFor="post-text">Your post</label>
        <textarea
          id="post-text"
          name="text"
          rows={6}
          defaultValue={state.text}
          aria-invalid={state.error === undefined ? undefined : true}
          aria-describedby={state.error === undefined ? 'post-count' : 'post-error post-count'}
          onChange={(event) => setLeft(maxGraphemes - countGraphemes(normalizePostText(event.target.value)))}
        />
      </div>
      <div className="compose-foot">
        <p className={isOver ? 'count over' : 'count'} id="post-count">
          {left === undefined ? `Up to ${maxGraphemes} characters` : countText(left)}
        </p>
        <p className="visually-hidden" aria-live="polite">
          {left === undefined ? '' : countAnnouncement(left)}
        </p>
        {/* aria-disabled, not disabled: the button keeps the focus while the post is under way. */}
        <button
          className="button"
          type="submit"
          aria-disabled={isPending || undefined}
          onClick={(event) => isPending && event.preventDefault()}
        >
          {isPending ? 'Posting…' : 'Post'}
        </button>
      </div>
    </form>
  )
}

function countText(left: number): string {
  return left < 0 ? `${plural(-left, 'character')} too long` : `${plural(left, 'character')} left`
}

/** Spoken only when one of a few marks is passed: a count at every key would drown what is typed. */
function countAnnouncement(left: number): string {
  if (left < 0) return 'Your post is too long.'
  const mark = [0, 10, 20, 50].find((step) => left <= step)
  return mark === undefined ? '' : mark === 0 ? 'No characters left.' : `${mark} characters or fewer left.`
}
