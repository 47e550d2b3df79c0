/** Uploads a picture to this app's route, with XMLHttpRequest, because `fetch` does not report the progress of an upload. */
import type { UploadedPicture } from './picture-limits.ts'

export interface PictureToSend {
  readonly file: File
  /** The DID of the account that the form belongs to. */
  readonly account: string
  /** Gets the part that has been sent, from 0 to 1. */
  readonly onProgress: (part: number) => void
  readonly signal: AbortSignal
}

/**
 * The picture as it is stored on the PDS.
 *
 * @throws Error with a message for the person; the signal's reason when it is aborted
 */
export function sendPicture(picture: PictureToSend): Promise<UploadedPicture> {
  const { file, account, onProgress, signal } = picture
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', `/compose/upload?${new URLSearchParams({ account, name: file.name })}`)
    request.upload.addEventListener('progress', ({ loaded, total }) =>
      onProgress(total > 0 ? loaded / total : 0),
    )
    request.addEventListener('error', () => reject(new Error('The upload was interrupted. Are you online?')))
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

/** @throws Error with the message of this app's server, or a general one when its answer cannot be read */
function parseAnswer(text: string): UploadedPicture {
  const unreadable = 'The upload failed. Try again in a moment.'
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    // A proxy in front of this app may have answered with a page of its own.
    throw new Error(unreadable)
  }
  if (typeof body !== 'object' || body === null) throw new Error(unreadable)
  if ('error' in body && typeof body.error === 'string') throw new Error(body.error)
  if (!('cid' in body)) throw new Error(unreadable)
  return body as UploadedPicture
}
