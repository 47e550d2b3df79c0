'use client'

import {
  createContext,
  type ReactNode,
  use,
  useActionState,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { composePost } from '../actions.ts'
import type { ComposeState } from './failed-draft.ts'
import { AskForPictures, PictureField, PlainPictures } from './picture-field.tsx'
import { countGraphemes, maxGraphemes, normalizePostText, plural } from './post-text.ts'
import { takeSavedText } from './saved-text.ts'
import { type Pictures, usePictures } from './use-pictures.ts'

const emptyDraft: ComposeState = { text: '', pictures: [] }

/** What the parts of the form share. */
interface Draft {
  readonly pictures: Pictures
  readonly state: ComposeState
}

const DraftContext = createContext<Draft | undefined>(undefined)

function useDraft(): Draft {
  const draft = use(DraftContext)
  if (!draft) throw new TypeError('This part belongs into a ComposeForm.')
  return draft
}

interface ComposeFormProps {
  /** A draft that was sent without scripts, with its error. */
  readonly failed?: ComposeState | undefined
  readonly children: ReactNode
}

/**
 * The form to write a post. It works without scripts, but then it shows no count and no progress. It is in the static
 * shell; what depends on the session is among its children.
 */
export function ComposeForm({ failed = emptyDraft, children }: ComposeFormProps) {
  const [visit, setVisit] = useState(0)
  // Next keeps a page that was left, hidden: the form is a new one at the next visit.
  useLayoutEffect(() => () => setVisit((last) => last + 1), [])
  return (
    <DraftForm key={visit} initial={visit === 0 ? failed : emptyDraft}>
      {children}
    </DraftForm>
  )
}

interface DraftFormProps {
  readonly initial: ComposeState
  readonly children: ReactNode
}

function DraftForm({ initial, children }: DraftFormProps) {
  // Without scripts, the answer to the form is the page that is sent whole.
  const [state, formAction, isPending] = useActionState(composePost, initial, '/compose?scripts=off')
  const pictures = usePictures()
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
      <TextField text={state.text} hasError={error !== undefined} />
      <DraftContext value={{ pictures, state }}>{children}</DraftContext>
      {state.account === undefined ? null : <input type="hidden" name="account" value={state.account} />}
      {/* aria-disabled instead of disabled, so that the button keeps the focus while the post is sent. */}
      <button className="button" type="submit" aria-disabled={isPending || undefined}>
        {isPending ? 'Posting…' : 'Post'}
      </button>
    </form>
  )
}

/** The parts of the form in the static shell. With JavaScript off, they stay. */
export function PartsForEveryone() {
  return <PlainPictures kept={useDraft().state.pictures} />
}

interface PartsOfAccountProps {
  /** The DID of the account that will post. */
  readonly account: string
  /** Whether the person has allowed this app to upload pictures. */
  readonly canUpload: boolean
}

/** The parts of the form that depend on the session. */
export function PartsOfAccount({ account, canUpload }: PartsOfAccountProps) {
  const { pictures, state } = useDraft()
  return (
    <>
      <input type="hidden" name="account" value={account} />
      {canUpload ? (
        <PictureField account={account} pictures={pictures} kept={state.pictures} />
      ) : (
        <AskForPictures />
      )}
    </>
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
