/** What strangers send, of any size, for each parser. */
import { growingDocuments } from './documents.ts'
import { growingTexts } from './files-and-texts.ts'
import type { GrowingInputs } from './inputs.ts'
import { growingRequests } from './requests.ts'
import { growingAnswers } from './server-answers.ts'

export const growingInputs: readonly GrowingInputs[] = [
  ...growingRequests,
  ...growingAnswers,
  ...growingDocuments,
  ...growingTexts,
]
