/** The search hook of the suggestions. It waits until typing pauses, and ignores an answer that is out of date. */
'use client'

import { useEffect, useRef, useState } from 'react'
import { type HandleSearch, type HandleSuggestion, searchHandles, toQuery } from './handle-search.ts'

interface RunningSearch {
  readonly suggestions: readonly HandleSuggestion[]
  /** Searches for the text. */
  search(text: string): void
  /** Clears the suggestions and cancels the search. */
  clear(): void
}

/** @param delayMs how long typing must pause before the search */
export function useHandleSearch(settings: HandleSearch, delayMs: number): RunningSearch {
  const [suggestions, setSuggestions] = useState<readonly HandleSuggestion[]>([])
  const running = useRef<AbortController>(undefined)
  useEffect(() => () => running.current?.abort(), [])

  const clear = () => {
    running.current?.abort()
    setSuggestions([])
  }
  const search = (text: string) => {
    running.current?.abort()
    const query = toQuery(text, settings.minLength)
    if (query === undefined) return setSuggestions([])
    const controller = new AbortController()
    running.current = controller
    const { signal } = controller
    const timer = setTimeout(async () => {
      const found = await searchHandles(query, settings, signal)
      if (!signal.aborted) setSuggestions(found)
    }, delayMs)
    signal.addEventListener('abort', () => clearTimeout(timer))
  }
  return { suggestions, search, clear }
}
