import { maxAltLength } from './picture-limits.ts'
import type { PictureItem, Pictures } from './use-pictures.ts'

/** The pictures that were chosen, each with its progress, a description to write, and a way to take it out. */
export function PictureList({ pictures }: { readonly pictures: Pictures }) {
  return (
    <ul className="picture-list">
      {pictures.items.map((item, at) => (
        <li className="picture-item" key={item.id}>
          <Preview item={item} />
          <div className="field">
            <label htmlFor={`alt-${item.id}`}>
              Description of picture {at + 1}
              <span className="visually-hidden"> for people who cannot see it</span>
            </label>
            <textarea
              id={`alt-${item.id}`}
              name="alt"
              rows={2}
              maxLength={maxAltLength}
              placeholder="What would you tell somebody who cannot see it?"
              value={item.alt}
              onChange={({ target }) => pictures.describe(item.id, target.value)}
            />
            <div className="picture-state">
              <UploadState item={item} />
              <button className="button plain" type="button" onClick={() => pictures.remove(item.id)}>
                Take out<span className="visually-hidden"> picture {at + 1}</span>
              </button>
            </div>
          </div>
        </li>
      ))}
    </ul>
  )
}

function Preview({ item: { preview, upload } }: { readonly item: PictureItem }) {
  // What is no picture shows nothing but a broken image.
  if (upload.kind === 'failed') return <span className="preview" />
  // biome-ignore lint/performance/noImgElement: a file of this very browser, that nothing can optimise
  return <img className="preview" src={preview} alt="" width={96} height={96} />
}

function UploadState({ item: { name, upload } }: { readonly item: PictureItem }) {
  if (upload.kind === 'failed') {
    return (
      <p className="failed" role="alert">
        {upload.error}
      </p>
    )
  }
  if (upload.kind === 'done') {
    return (
      <p className="muted" role="status">
        Uploaded
        <input type="hidden" name="picture" value={JSON.stringify(upload.picture)} />
      </p>
    )
  }
  // The last step, from this app to the person's server, cannot be measured: a bar without a value says so.
  const isSent = upload.part >= 1
  return <progress aria-label={`Uploading ${name}`} max={1} {...(isSent ? {} : { value: upload.part })} />
}
