/** The field for the handle with suggestions under it: an editable combobox with a listbox (ARIA 1.2). */
'use client'

import { type ComponentPropsWithoutRef, type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { HandleSuggestion } from './handle-search.ts'
import { ProfilePicture } from './profile-picture.tsx'
import type { SuggestionSettings } from './suggestions.ts'
import { useHandleSearch } from './use-handle-search.ts'

/** What the field has with and without suggestions. */
export type HandleInputProps = ComponentPropsWithoutRef<'input'> & { readonly id: string }

interface HandleComboboxProps {
  readonly input: HandleInputProps
  readonly settings: SuggestionSettings
}

/** The focus stays in the field all the time; arrow keys move a mark through the list. */
export function HandleCombobox({ input, settings }: HandleComboboxProps) {
  const field = useRef<HTMLInputElement>(null)
  const { suggestions, search, clear } = useHandleSearch(settings, settings.delayMs)
  const [marked, setMarked] = useState(-1)
  const isReady = useIsMounted()
  const listId = `${input.id}-suggestions`
  const isOpen = suggestions.length > 0
  const close = () => {
    clear()
    setMarked(-1)
  }
  const choose = ({ handle }: HandleSuggestion) => {
    if (field.current) field.current.value = handle
    close()
  }
  return (
    <div data-atproto="combobox">
      <input
        {...input}
        {...(isReady && comboboxRole(listId, isOpen, marked))}
        ref={field}
        onInput={(event) => {
          setMarked(-1)
          search(event.currentTarget.value)
        }}
        onKeyDown={(event) => onKey(event, { suggestions, marked, setMarked, choose, close })}
        onBlur={close}
      />
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
      {isReady ? (
        <span style={visuallyHidden} role="status">
          {isOpen ? settings.announcement.replace('{count}', String(suggestions.length)) : ''}
        </span>
      ) : null}
    </div>
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
    // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus, aria-activedescendant names the option
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys arrive at the field
    <div
      data-atproto="suggestion"
      id={id}
      role="option"
      aria-selected={isMarked}
      // The press itself would take the focus away from the field.
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

function onKey(event: KeyboardEvent<HTMLInputElement>, list: ListState): void {
  const { suggestions, marked, setMarked } = list
  // Keys that compose a character belong to the input method.
  if (suggestions.length === 0 || event.nativeEvent.isComposing) return
  const chosen = suggestions[marked]
  const count = suggestions.length + 1
  // One place more than there are suggestions: none marked, which is what was typed.
  if (event.key === 'ArrowDown') setMarked(((marked + 2) % count) - 1)
  else if (event.key === 'ArrowUp') setMarked(((marked + count) % count) - 1)
  else if (event.key === 'Escape') list.close()
  else if (event.key === 'Enter' && chosen) list.choose(chosen)
  else return
  event.preventDefault()
}

function comboboxRole(listId: string, isOpen: boolean, marked: number) {
  return {
    role: 'combobox',
    'aria-autocomplete': 'list',
    'aria-expanded': isOpen,
    'aria-controls': listId,
    'aria-activedescendant': marked < 0 ? undefined : `${listId}-${marked}`,
  } as const
}

/** Without scripts the field is a plain one and must not call itself anything else. */
function useIsMounted(): boolean {
  const [isMounted, setIsMounted] = useState(false)
  useEffect(() => setIsMounted(true), [])
  return isMounted
}

/** Never part of the server's HTML: a Content-Security-Policy would refuse it there. */
const visuallyHidden = {
  position: 'absolute',
  width: 1,
  height: 1,
  overflow: 'hidden',
  clipPath: 'inset(50%)',
  whiteSpace: 'nowrap',
} as const
