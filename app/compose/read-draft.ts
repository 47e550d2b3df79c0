/** Reads what the form to write a post sends: text, uploaded pictures, and files that are not uploaded yet. */
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
  /**
   * The DID that the form belongs to: the person may have switched to another account in another tab. Undefined when the
   * form was sent before it was known.
   */
  readonly account: string | undefined
  readonly attached: readonly AttachedPicture[]
  /** The files, when no script has uploaded them before. */
  readonly files: readonly ChosenFile[]
}

const side = z.number().int().positive().max(100_000)
/** Not trusted: the PDS checks whether the account has uploaded such a picture. */
const uploadedSchema = z.object({
  cid: z.string().regex(/^b[a-z2-7]{20,200}$/),
  mimeType: z.string().refine((type) => pictureTypes.includes(type)),
  size: z.number().int().positive().max(maxPictureBytes),
  width: side,
  height: side,
})
// Forms send a line break as two characters and count it as one.
const altSchema = z.string().transform(normalizePostText).pipe(z.string().max(maxAltLength))
const draftSchema = z.object({
  text: z.string(),
  account: z.string().optional(),
  pictures: z.array(z.object({ picture: jsonOf(uploadedSchema), alt: altSchema })),
  files: z.array(z.object({ file: z.instanceof(File), alt: altSchema })),
})

/** The draft; undefined when the value does not come from the form to write a post. */
export function readDraft(form: unknown): Draft | undefined {
  if (!(form instanceof FormData)) return undefined
  const [alts, fileAlts] = [form.getAll('alt'), form.getAll('fileAlt')]
  const draft = draftSchema.safeParse({
    text: form.get('text'),
    account: form.get('account') ?? undefined,
    pictures: form.getAll('picture').map((picture, at) => ({ picture, alt: alts[at] })),
    files: form.getAll('file').map((file, at) => ({ file, alt: fileAlts[at] })),
  })
  if (!draft.success) return undefined
  const { text, account, pictures, files } = draft.data
  return { text, account, attached: pictures, files: files.filter(({ file }) => !isEmptyField(file)) }
}

/**
 * Browsers send a file without a name for an empty field. In a form that was sent before React had taken over the page,
 * and that React sends then, it is called `undefined`.
 */
function isEmptyField({ size, name }: File): boolean {
  return size === 0 && (name === '' || name === 'undefined')
}

function jsonOf<T>(schema: z.ZodType<T>) {
  return z
    .string()
    .max(2_000)
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text)
      } catch {
        context.addIssue({ code: 'custom', message: 'Expected JSON.' })
        return z.NEVER
      }
    })
    .pipe(schema)
}
