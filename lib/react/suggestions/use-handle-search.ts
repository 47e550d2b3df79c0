/** The search behind the suggestions: waits until the typing pauses, and forgets an answer that has been overtaken. */
'use client'

import { useEffect, useRef, useState } from 'react'
import { type HandleSearch, type HandleSuggestion, searchHandles, toQuery } from './handle-search.ts'

interface RunningSearch {
  readonly suggestions: readonly HandleSuggestion[]
  /** Looks up what is typed now. */
  search(text: string): void
  /** Drops the suggestions, and what is being looked up. */
  clear(): void
}

/** @param delayMs how long the typing has to pause */
export function useHandleSearch(where: HandleSearch, delayMs: number): RunningSearch {
  const [suggestions, setSuggestions] = useState<readonly HandleSuggestion[]>([])
  const running = useRef<AbortController>(undefined)
  useEffect(() => () => running.current?.abort(), [])

  const clear = () => {
    running.current?.abort()
    setSuggestions([])
  }
  const search = (text: string) => {
    running.current?.abort()
    const query = toQuery(text, where.minLength)
    if (query === undefined) return setSuggestions([])
    const controller = new AbortController()
    running.current = controller
    const { signal } = controller
    const timer = setTimeout(async () => {
      const found = await searchHandles(query, where, signal)
      if (!signal.aborted) setSuggestions(found)
    }, delayMs)
    signal.addEventListener('abort', () => clearTimeout(timer))
  }
  return { suggestions, search, clear }
}
