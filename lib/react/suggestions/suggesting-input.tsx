/** The handle field with suggestions. It is a plain field until the code for the suggestions has been loaded. */
'use client'

import { type ComponentPropsWithoutRef, type FunctionComponent, useEffect, useRef, useState } from 'react'
import type { HandleComboboxProps } from './handle-combobox.tsx'
import type { SuggestionSettings } from './suggestion-options.ts'

/** The attributes of the field, with and without suggestions. */
export type HandleInputProps = ComponentPropsWithoutRef<'input'> & { readonly id: string }

interface SuggestingInputProps {
  readonly input: HandleInputProps
  readonly settings: SuggestionSettings
}

/** The input element is never replaced, so that no typed text is lost. */
export function SuggestingInput({ input, settings }: SuggestingInputProps) {
  const field = useRef<HTMLInputElement>(null)
  const [Combobox, setCombobox] = useState<FunctionComponent<HandleComboboxProps>>()
  useEffect(() => {
    void import('./handle-combobox.tsx').then(
      ({ HandleCombobox }) => setCombobox(() => HandleCombobox),
      // If loading fails, it stays a plain field.
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
