/** The list of suggested accounts under the handle field: an editable combobox with a listbox (ARIA 1.2). */
'use client'

import { useEffect, useState } from 'react'
import { ProfilePicture } from '../parts/profile-picture.tsx'
import type { HandleSuggestion } from './handle-search.ts'
import type { SuggestionSettings } from './suggestion-options.ts'
import { useHandleSearch } from './use-handle-search.ts'

export interface HandleComboboxProps {
  /** The input element. It also works without the list. */
  readonly field: HTMLInputElement
  readonly settings: SuggestionSettings
}

/** Renders the list and makes the field a combobox. The focus stays in the field; the arrow keys mark an option. */
export function HandleCombobox({ field, settings }: HandleComboboxProps) {
  const { suggestions, search, clear } = useHandleSearch(settings, settings.delayMs)
  const [marked, setMarked] = useState(-1)
  const listId = `${field.id}-suggestions`
  const isOpen = suggestions.length > 0
  const close = () => {
    clear()
    setMarked(-1)
  }
  const choose = ({ handle }: HandleSuggestion) => {
    field.value = handle
    close()
  }
  useListeners(field, {
    input: () => {
      setMarked(-1)
      search(field.value)
    },
    keydown: (event) => onKey(event, { suggestions, marked, setMarked, choose, close }),
    blur: close,
  })
  useEffect(() => describeField(field, { listId, isOpen, marked }), [field, listId, isOpen, marked])
  return (
    <>
      <div data-atproto="suggestions" id={listId} role="listbox" aria-label={settings.label} hidden={!isOpen}>
        {suggestions.map((suggestion, at) => (
          <Option
            key={suggestion.handle}
            id={`${listId}-${at}`}
            suggestion={suggestion}
            isMarked={at === marked}
            onChoose={() => choose(suggestion)}
          />
        ))}
      </div>
      <span style={visuallyHidden} role="status">
        {isOpen ? settings.announcement.replace('{count}', String(suggestions.length)) : ''}
      </span>
    </>
  )
}

interface OptionProps {
  readonly id: string
  readonly suggestion: HandleSuggestion
  readonly isMarked: boolean
  readonly onChoose: () => void
}

function Option({ id, suggestion: { handle, displayName, avatar }, isMarked, onChoose }: OptionProps) {
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus (aria-activedescendant)
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field handles keys
    <div
      data-atproto="suggestion"
      id={id}
      role="option"
      aria-selected={isMarked}
      // Otherwise the press would move the focus away from the field.
      onPointerDown={(event) => event.preventDefault()}
      onClick={onChoose}
    >
      <ProfilePicture name={displayName ?? handle} avatar={avatar} />
      <span data-atproto="names">
        {displayName === undefined ? null : <bdi data-atproto="display-name">{displayName}</bdi>}{' '}
        <bdi data-atproto="handle">@{handle}</bdi>
      </span>
    </div>
  )
}

interface ListState {
  readonly suggestions: readonly HandleSuggestion[]
  readonly marked: number
  readonly setMarked: (at: number) => void
  readonly choose: (suggestion: HandleSuggestion) => void
  readonly close: () => void
}

function onKey(event: KeyboardEvent, list: ListState): void {
  const { suggestions, marked, setMarked } = list
  // Ignore keys that an input method uses to compose a character.
  if (suggestions.length === 0 || event.isComposing) return
  const chosen = suggestions[marked]
  const count = suggestions.length + 1
  // One position more than there are suggestions: in that position none is marked, and the typed text counts.
  if (event.key === 'ArrowDown') setMarked(((marked + 2) % count) - 1)
  else if (event.key === 'ArrowUp') setMarked(((marked + count) % count) - 1)
  else if (event.key === 'Escape') list.close()
  else if (event.key === 'Enter' && chosen) list.choose(chosen)
  else return
  event.preventDefault()
}

interface FieldListeners {
  readonly input: () => void
  readonly keydown: (event: KeyboardEvent) => void
  readonly blur: () => void
}

/** The listeners are replaced after each rendering, so that they use the current list. */
function useListeners(field: HTMLInputElement, { input, keydown, blur }: FieldListeners): void {
  useEffect(() => {
    field.addEventListener('input', input)
    field.addEventListener('keydown', keydown)
    field.addEventListener('blur', blur)
    return () => {
      field.removeEventListener('input', input)
      field.removeEventListener('keydown', keydown)
      field.removeEventListener('blur', blur)
    }
  })
}

interface FieldState {
  readonly listId: string
  readonly isOpen: boolean
  readonly marked: number
}

function describeField(field: HTMLInputElement, { listId, isOpen, marked }: FieldState): void {
  field.setAttribute('role', 'combobox')
  field.setAttribute('aria-autocomplete', 'list')
  field.setAttribute('aria-controls', listId)
  field.setAttribute('aria-expanded', String(isOpen))
  if (marked < 0) field.removeAttribute('aria-activedescendant')
  else field.setAttribute('aria-activedescendant', `${listId}-${marked}`)
}

/**
 * An inline style is possible here: this is never in the HTML of the server, where a Content-Security-Policy would
 * block it.
 */
const visuallyHidden = {
  position: 'absolute',
  width: 1,
  height: 1,
  overflow: 'hidden',
  clipPath: 'inset(50%)',
  whiteSpace: 'nowrap',
} as const
