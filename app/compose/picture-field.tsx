'use client'

import { useEffect, useRef, useState } from 'react'
import {
  type AttachedPicture,
  maxAltLength,
  maxPictureBytes,
  maxPictures,
  megabytes,
  pictureTypes,
} from './picture-limits.ts'
import { PictureList } from './picture-list.tsx'
import { saveText } from './saved-text.ts'
import type { Pictures } from './use-pictures.ts'

const accept = pictureTypes.join(',')
const limits = `Up to ${maxPictures} pictures (JPEG, PNG, WebP or GIF), each up to ${megabytes(maxPictureBytes)}. They are posted unchanged, including data from your camera such as the location.`

interface PictureFieldProps extends ChosenPicturesProps {
  /** The pictures that the action uploaded before it failed, where no script uploads them. */
  readonly kept: readonly AttachedPicture[]
}

interface ChosenPicturesProps {
  /** The DID of the account that uploads. */
  readonly account: string
  readonly pictures: Pictures
}

/** The pictures of a post: a file chooser with progress, or plain fields where scripts do not run. */
export function PictureField({ account, pictures, kept }: PictureFieldProps) {
  const plain = useRef<HTMLDetailsElement>(null)
  const [hasScripts, setHasScripts] = useState(false)
  useEffect(() => {
    // A person who has opened the plain fields keeps them.
    if (plain.current && !plain.current.open) setHasScripts(true)
  }, [])
  if (!hasScripts) return <PlainPictures ref={plain} kept={kept} />
  return <ChosenPictures account={account} pictures={pictures} />
}

function ChosenPictures({ account, pictures }: ChosenPicturesProps) {
  const chooser = useRef<HTMLInputElement>(null)
  const isFull = pictures.items.length >= maxPictures
  return (
    <div className="pictures">
      <PictureList pictures={pictures} />
      <div>
        <button
          className="button quiet"
          type="button"
          aria-describedby="picture-limits"
          aria-disabled={isFull || undefined}
          onClick={() => isFull || chooser.current?.click()}
        >
          Add pictures
        </button>
        <input
          ref={chooser}
          hidden
          type="file"
          multiple
          accept={accept}
          aria-label="Pictures"
          onChange={({ target }) => {
            pictures.add([...(target.files ?? [])], account)
            // So that the same file can be chosen again after it was removed.
            target.value = ''
          }}
        />
      </div>
      <p className="hint" id="picture-limits">
        {limits}
      </p>
      <div role="alert">
        {pictures.problems.map((problem) => (
          <p className="problem" key={problem}>
            {problem}
          </p>
        ))}
      </div>
    </div>
  )
}

interface PlainPicturesProps {
  readonly ref?: React.Ref<HTMLDetailsElement>
  readonly kept: readonly AttachedPicture[]
}

/** Fields for files, which go with the form. */
export function PlainPictures({ ref, kept }: PlainPicturesProps) {
  const slots = Array.from({ length: maxPictures - kept.length }, (_, at) => at + kept.length + 1)
  return (
    <div className="pictures">
      <details ref={ref} open={kept.length > 0}>
        <summary className="button quiet">Add pictures</summary>
        <div className="stack slots">
          {kept.map((attached, at) => (
            <KeptPicture key={attached.picture.cid} attached={attached} number={at + 1} />
          ))}
          {slots.map((number) => (
            <Slot key={number} number={number} />
          ))}
        </div>
      </details>
      <p className="hint" id="picture-limits">
        {limits}
      </p>
    </div>
  )
}

function KeptPicture({ attached, number }: { readonly attached: AttachedPicture; readonly number: number }) {
  const { width, height, size } = attached.picture
  return (
    <fieldset className="slot">
      <legend>Picture {number}</legend>
      <p>
        Uploaded: {width} × {height} pixels, {megabytes(size)}
      </p>
      <input type="hidden" name="picture" value={JSON.stringify(attached.picture)} />
      <AltField id={`kept-${number}`} name="alt" defaultValue={attached.alt} />
    </fieldset>
  )
}

function Slot({ number }: { readonly number: number }) {
  const id = `file-${number}`
  return (
    <fieldset className="slot">
      <legend>Picture {number}</legend>
      <div className="field">
        <label htmlFor={id}>File</label>
        <input id={id} type="file" name="file" accept={accept} aria-describedby="picture-limits" />
      </div>
      <AltField id={`alt-${number}`} name="fileAlt" />
    </fieldset>
  )
}

interface AltFieldProps {
  readonly id: string
  readonly name: string
  readonly defaultValue?: string
}

function AltField({ id, name, defaultValue }: AltFieldProps) {
  return (
    <div className="field">
      <label htmlFor={id}>Description for people who cannot see it</label>
      <textarea id={id} name={name} rows={2} maxLength={maxAltLength} defaultValue={defaultValue} />
    </div>
  )
}

/** A link that asks for the permission to upload pictures. */
export function AskForPictures() {
  return (
    <div className="pictures">
      <div>
        {/* A plain link, because it redirects to the person's server. */}
        <a
          className="button quiet"
          href="/compose/pictures"
          onClick={() => saveText(document.querySelector<HTMLTextAreaElement>('#post-text')?.value ?? '')}
        >
          Add pictures
        </a>
      </div>
      <p className="hint">
        To add pictures, this app needs one more permission. Your server asks you for it and brings you back.
        <noscript> Do this before you write: your text would be lost on the way.</noscript>
      </p>
    </div>
  )
}
