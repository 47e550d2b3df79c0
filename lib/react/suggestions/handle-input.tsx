/** The field for the handle where suggestions are wanted: a plain field, until the code for them has arrived. */
'use client'

import { type ComponentPropsWithoutRef, type FunctionComponent, useEffect, useRef, useState } from 'react'
import type { HandleComboboxProps } from './handle-combobox.tsx'
import type { SuggestionSettings } from './profile-suggestions.ts'

/** What the field has with and without suggestions. */
export type HandleInputProps = ComponentPropsWithoutRef<'input'> & { readonly id: string }

interface SuggestingInputProps {
  readonly input: HandleInputProps
  readonly settings: SuggestionSettings
}

/** One and the same element all the time, so that nothing that was typed is lost. */
export function SuggestingInput({ input, settings }: SuggestingInputProps) {
  const field = useRef<HTMLInputElement>(null)
  const [Combobox, setCombobox] = useState<FunctionComponent<HandleComboboxProps>>()
  useEffect(() => {
    void import('./handle-combobox.tsx').then(
      ({ HandleCombobox }) => setCombobox(() => HandleCombobox),
      // It stays a plain field.
      () => undefined,
    )
  }, [])
  return (
    <div data-atproto="combobox">
      <input {...input} ref={field} />
      {Combobox && field.current ? <Combobox field={field.current} settings={settings} /> : null}
    </div>
  )
}
