/**
 * What may be posted as a picture: the limits of the `app.bsky.embed.images` lexicon. Used by the server, which
 * decides, and by the form in the browser, which only saves people the wait.
 */

export const maxPictures = 4
export const maxPictureBytes = 2_000_000
/** In UTF-16 units, as forms count. */
export const maxAltLength = 2_000
/** What file choosers offer; phones turn their own formats into one of these. */
export const pictureTypes: readonly string[] = ['image/jpeg', 'image/png', 'image/webp', 'image/gif']

/** A picture that the person's PDS has, before any post names it. */
export interface UploadedPicture {
  readonly cid: string
  readonly mimeType: string
  /** In bytes. */
  readonly size: number
  /** In pixels, as shown: a photo taken sideways is upright. */
  readonly width: number
  readonly height: number
}

/** A picture of a post, with its description for people who cannot see it. */
export interface AttachedPicture {
  readonly picture: UploadedPicture
  readonly alt: string
}

/** In words for the person who chose the file. */
export const pictureWords = {
  type: (name: string) => `${quoted(name)} is no picture that can be posted. JPEG, PNG, WebP and GIF can.`,
  size: (name: string, bytes: number) =>
    `${quoted(name)} has ${megabytes(bytes)}. A picture may have up to ${megabytes(maxPictureBytes)}: make it smaller and choose it again.`,
  count: `A post holds up to ${maxPictures} pictures.`,
  alt: `A description may have up to ${maxAltLength} characters.`,
} as const

/** A size as people know it: “2 MB”, “3.4 MB”; rounded up, so that what is over a limit never looks equal to it. */
export function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 100_000) / 10} MB`
}

function quoted(name: string): string {
  const [...letters] = name
  return `“${letters.length > 60 ? `${letters.slice(0, 60).join('')}…` : name}”`
}
