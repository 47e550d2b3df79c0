/** The field for the handle where suggestions are wanted; their code is loaded beside the page, not before it. */
'use client'

import { lazy, Suspense } from 'react'
import type { HandleInputProps } from './handle-combobox.tsx'
import type { SuggestionSettings } from './suggestions.ts'

interface SuggestingInputProps {
  readonly input: HandleInputProps
  readonly settings: SuggestionSettings
}

const HandleCombobox = lazy(() =>
  import('./handle-combobox.tsx').then(({ HandleCombobox }) => ({ default: HandleCombobox })),
)

export function SuggestingInput({ input, settings }: SuggestingInputProps) {
  return (
    <Suspense fallback={<input {...input} />}>
      <HandleCombobox input={input} settings={settings} />
    </Suspense>
  )
}
