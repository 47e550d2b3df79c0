'use client'

import { useActionState, useEffect, useRef, useState } from 'react'
import { type ComposeState, composePost } from '../actions.ts'
import { AskForPictures, PictureField } from './picture-field.tsx'
import { countGraphemes, maxGraphemes, normalizePostText, plural } from './post-text.ts'
import { takeSavedText } from './saved-text.ts'
import { usePictures } from './use-pictures.ts'

interface ComposeFormProps {
  /** The DID of the account that will post. */
  readonly account: string
  /** Whether the person has allowed this app to upload pictures. */
  readonly canUpload: boolean
}

const initialState: ComposeState = { text: '', pictures: [] }

/** The form to write a post. It works without scripts, but then it shows no count and no progress. */
export function ComposeForm({ account, canUpload }: ComposeFormProps) {
  const [state, formAction, isPending] = useActionState(composePost, initialState)
  const pictures = usePictures(account)
  const isUploading = pictures.items.some(({ upload }) => upload.kind !== 'done')
  const [isTooEarly, setIsTooEarly] = useState(false)
  const error = isTooEarly && isUploading ? tooEarly : state.error
  return (
    <form
      className="stack"
      action={formAction}
      onSubmit={(event) => {
        setIsTooEarly(isUploading)
        if (isPending || isUploading) event.preventDefault()
      }}
    >
      {error === undefined ? null : (
        <p className="problem" role="alert" id="post-error">
          {error}
        </p>
      )}
      <input type="hidden" name="account" value={account} />
      <TextField text={state.text} hasError={error !== undefined} />
      {canUpload ? <PictureField pictures={pictures} kept={state.pictures} /> : <AskForPictures />}
      {/* aria-disabled instead of disabled, so that the button keeps the focus while the post is sent. */}
      <button className="button" type="submit" aria-disabled={isPending || undefined}>
        {isPending ? 'Posting…' : 'Post'}
      </button>
    </form>
  )
}

const tooEarly = 'Wait until every picture is uploaded, or remove the one that is not.'

function TextField({ text, hasError }: { readonly text: string; readonly hasError: boolean }) {
  // Undefined until something is typed: without scripts a count would never change.
  const [left, setLeft] = useState<number>()
  const field = useRef<HTMLTextAreaElement>(null)
  const count = (typed: string) => setLeft(maxGraphemes - countGraphemes(normalizePostText(typed)))
  useEffect(() => {
    const draft = takeSavedText()
    if (!field.current || draft === '' || field.current.value !== '') return
    field.current.value = draft
    setLeft(maxGraphemes - countGraphemes(normalizePostText(draft)))
  }, [])
  return (
    <div className="field">
      <label htmlFor="post-text">Your post</label>
      <textarea
        ref={field}
        id="post-text"
        name="text"
        rows={6}
        defaultValue={text}
        aria-invalid={hasError ? true : undefined}
        aria-describedby={hasError ? 'post-error post-count' : 'post-count'}
        onChange={(event) => count(event.target.value)}
      />
      <p className={left !== undefined && left < 0 ? 'count over' : 'count'} id="post-count">
        {left === undefined ? `Up to ${maxGraphemes} characters` : countText(left)}
      </p>
      <p className="visually-hidden" aria-live="polite">
        {left === undefined ? '' : countAnnouncement(left)}
      </p>
    </div>
  )
}

function countText(left: number): string {
  return left < 0 ? `${plural(-left, 'character')} too long` : `${plural(left, 'character')} left`
}

/** What screen readers say, only near the limit: a count after each key would drown out what is typed. */
function countAnnouncement(left: number): string {
  if (left < 0) return 'Your post is too long.'
  const mark = [0, 10, 20, 50].find((step) => left <= step)
  return mark === undefined ? '' : mark === 0 ? 'No characters left.' : `${mark} characters or fewer left.`
}
