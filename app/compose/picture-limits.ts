/**
 * The limits of the `app.bsky.embed.images` lexicon for pictures. The server enforces them; the form in the browser checks
 * them, too, so that people need not wait for the upload.
 */

export const maxPictures = 4
export const maxPictureBytes = 2_000_000
/** In UTF-16 units, as forms count. */
export const maxAltLength = 2_000
/** What file choosers offer; phones turn their own formats into one of these. */
export const pictureTypes: readonly string[] = ['image/jpeg', 'image/png', 'image/webp', 'image/gif']

/** A picture on the person's PDS, before a post refers to it. */
export interface UploadedPicture {
  readonly cid: string
  readonly mimeType: string
  /** In bytes. */
  readonly size: number
  /** In pixels, after rotation. */
  readonly width: number
  readonly height: number
}

/** A picture of a post, with its description for people who cannot see it. */
export interface AttachedPicture {
  readonly picture: UploadedPicture
  readonly alt: string
}

/** Messages for the person who chose the file. */
export const pictureProblems = {
  type: (name: string) =>
    `${quoted(name)} cannot be posted as a picture. Choose a JPEG, PNG, WebP or GIF file.`,
  size: (name: string, bytes: number) =>
    `${quoted(name)} is too large (${megabytes(bytes)}). Pictures can be up to ${megabytes(maxPictureBytes)}: choose a smaller one.`,
  count: `A post can have up to ${maxPictures} pictures.`,
} as const

/** A size for people: “2 MB”, “3.4 MB”. It is rounded up, so that a size above a limit never looks equal to it. */
export function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 100_000) / 10} MB`
}

function quoted(name: string): string {
  const [...letters] = name
  return `“${letters.length > 60 ? `${letters.slice(0, 60).join('')}…` : name}”`
}
