import { maxAltLength } from './picture-limits.ts'
import type { PictureItem, Pictures } from './use-pictures.ts'

/** The chosen pictures, each with its progress, a field for its description, and a button that removes it. */
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
              placeholder="Describe the picture to people who cannot see it"
              value={item.alt}
              onChange={({ target }) => pictures.describe(item.id, target.value)}
            />
            <div className="picture-state">
              <UploadState item={item} />
              <button className="button plain" type="button" onClick={() => pictures.remove(item.id)}>
                Remove<span className="visually-hidden"> picture {at + 1}</span>
              </button>
            </div>
          </div>
        </li>
      ))}
    </ul>
  )
}

function Preview({ item: { preview, upload } }: { readonly item: PictureItem }) {
  // The browser may not be able to show the file.
  if (upload.kind === 'failed') return <span className="preview" />
  // biome-ignore lint/performance/noImgElement: a file in the browser cannot be optimised
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
  // The last step, from this app to the PDS, cannot be measured: the bar then has no value.
  const isSent = upload.part >= 1
  return <progress aria-label={`Uploading ${name}`} max={1} value={isSent ? undefined : upload.part} />
}
