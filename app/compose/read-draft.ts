/** What the form to write a post sends: words, pictures that are uploaded already, and files that are not yet. */
import 'server-only'
import { z } from 'zod'
import { type AttachedPicture, maxAltLength, maxPictureBytes, pictureTypes } from './picture-limits.ts'
import { normalizePostText } from './post-text.ts'

export interface ChosenFile {
  readonly file: File
  readonly alt: string
}

export interface Draft {
  /** As typed. */
  readonly text: string
  /** Whose form it was: the account may have been switched in another tab since. */
  readonly account: string
  readonly attached: readonly AttachedPicture[]
  /** Sent along when no script has uploaded them before. */
  readonly files: readonly ChosenFile[]
}

const side = z.number().int().positive().max(100_000)
/** The PDS checks again whether it has such a picture of this account. */
export const uploadedSchema = z.object({
  cid: z.string().regex(/^b[a-z2-7]{20,200}$/),
  mimeType: z.string().refine((type) => pictureTypes.includes(type)),
  size: z.number().int().positive().max(maxPictureBytes),
  width: side,
  height: side,
})
// Forms send a line end as two characters and count it as one.
const altSchema = z.string().transform(normalizePostText).pipe(z.string().max(maxAltLength))
const draftSchema = z.object({
  text: z.string(),
  account: z.string(),
  pictures: z.array(z.object({ picture: jsonOf(uploadedSchema), alt: altSchema })),
  files: z.array(z.object({ file: z.instanceof(File), alt: altSchema })),
})

/** What was sent; undefined when the form was none of ours, or was changed on its way. */
export function readDraft(form: unknown): Draft | undefined {
  if (!(form instanceof FormData)) return undefined
  const [alts, fileAlts] = [form.getAll('alt'), form.getAll('fileAlt')]
  const draft = draftSchema.safeParse({
    text: form.get('text'),
    account: form.get('account'),
    pictures: form.getAll('picture').map((picture, at) => ({ picture, alt: alts[at] })),
    files: form.getAll('file').map((file, at) => ({ file, alt: fileAlts[at] })),
  })
  if (!draft.success) return undefined
  const { text, account, pictures, files } = draft.data
  // Browsers send an empty file for a field that was left alone.
  return { text, account, attached: pictures, files: files.filter(({ file }) => file.size > 0 || file.name) }
}

function jsonOf<T>(schema: z.ZodType<T>) {
  return z
    .string()
    .max(2_000)
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text)
      } catch {
        context.addIssue({ code: 'custom', message: 'JSON was expected.' })
        return z.NEVER
      }
    })
    .pipe(schema)
}
