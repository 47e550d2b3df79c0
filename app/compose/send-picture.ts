/** Uploads a picture to this app's own route; by XMLHttpRequest, which alone tells how far an upload is. */
import type { UploadedPicture } from './picture-limits.ts'

export interface PictureToSend {
  readonly file: File
  /** DID of the account that the form belongs to. */
  readonly account: string
  /** Called with the part that is sent, from 0 to 1. */
  readonly onProgress: (part: number) => void
  readonly signal: AbortSignal
}

/**
 * The picture as the PDS has it.
 *
 * @throws Error whose message is for the person; the signal's own reason once it is aborted
 */
export function sendPicture(picture: PictureToSend): Promise<UploadedPicture> {
  const { file, account, onProgress, signal } = picture
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', `/compose/upload?${new URLSearchParams({ account, name: file.name })}`)
    request.upload.addEventListener('progress', ({ loaded, total }) =>
      onProgress(total > 0 ? loaded / total : 0),
    )
    request.addEventListener('error', () => reject(new Error('The upload broke off. Are you online?')))
    request.addEventListener('load', () => {
      try {
        resolve(parseAnswer(request.responseText))
      } catch (error) {
        reject(error)
      }
    })
    signal.addEventListener('abort', () => {
      request.abort()
      reject(signal.reason)
    })
    request.send(file)
  })
}

/** @throws Error with what this app's server said, or that it said nothing that could be read */
function parseAnswer(text: string): UploadedPicture {
  const unreadable = 'The upload did not work. Try again in a moment.'
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    // A proxy in front of the app answers in its own words, and nothing of that is for the person.
    throw new Error(unreadable)
  }
  if (typeof body !== 'object' || body === null) throw new Error(unreadable)
  if ('error' in body && typeof body.error === 'string') throw new Error(body.error)
  if (!('cid' in body)) throw new Error(unreadable)
  return body as UploadedPicture
}
