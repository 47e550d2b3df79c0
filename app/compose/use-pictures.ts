'use client'

import { useEffect, useRef, useState } from 'react'
import {
  maxPictureBytes,
  maxPictures,
  pictureProblems,
  pictureTypes,
  type UploadedPicture,
} from './picture-limits.ts'
import { sendPicture } from './send-picture.ts'

/** A chosen picture and the state of its upload. */
export interface PictureItem {
  readonly id: number
  readonly name: string
  /** A blob: URL of the file. */
  readonly preview: string
  readonly alt: string
  readonly upload:
    | { readonly kind: 'sending' /** From 0 to 1. */; readonly part: number }
    | { readonly kind: 'done'; readonly picture: UploadedPicture }
    | { readonly kind: 'failed'; readonly error: string }
}

export interface Pictures {
  readonly items: readonly PictureItem[]
  /** Why files were left out of the last choice, one sentence each. */
  readonly problems: readonly string[]
  /** @param account the DID of the account that uploads */
  add(files: readonly File[], account: string): void
  describe(id: number, alt: string): void
  /** Removes a picture and ends its upload. */
  remove(id: number): void
}

/** The pictures of a post that is being written; each is uploaded as soon as it is chosen. */
export function usePictures(): Pictures {
  const [items, setItems] = useState<readonly PictureItem[]>([])
  const [problems, setProblems] = useState<readonly string[]>([])
  const running = useRef(new Map<number, { readonly stop: AbortController; readonly preview: string }>())
  const lastId = useRef(0)

  useEffect(() => {
    const { current } = running
    return () => {
      for (const entry of current.values()) end(entry)
      current.clear()
    }
  }, [])

  const change = (id: number, part: Partial<PictureItem>) =>
    setItems((before) => before.map((item) => (item.id === id ? { ...item, ...part } : item)))

  const start = (file: File, account: string) => {
    lastId.current += 1
    const [id, stop, preview] = [lastId.current, new AbortController(), URL.createObjectURL(file)]
    running.current.set(id, { stop, preview })
    const onProgress = (part: number) => change(id, { upload: { kind: 'sending', part } })
    setItems((before) => [...before, newItem(id, file.name, preview)])
    sendPicture({ file, account, onProgress, signal: stop.signal }).then(
      (picture) => change(id, { upload: { kind: 'done', picture } }),
      (error: unknown) => {
        if (stop.signal.aborted) return
        change(id, {
          upload: { kind: 'failed', error: error instanceof Error ? error.message : 'Try again.' },
        })
      },
    )
  }

  return {
    items,
    problems,
    add(files, account) {
      const good = files.filter((file) => problemOf(file) === undefined)
      const room = maxPictures - items.length
      const left = good.length > room ? [pictureProblems.count] : []
      setProblems([...files.flatMap((file) => problemOf(file) ?? []), ...left])
      for (const file of good.slice(0, room)) start(file, account)
    },
    describe: (id, alt) => change(id, { alt }),
    remove(id) {
      const entry = running.current.get(id)
      if (entry) end(entry)
      running.current.delete(id)
      setProblems([])
      setItems((before) => before.filter((item) => item.id !== id))
    },
  }
}

function newItem(id: number, name: string, preview: string): PictureItem {
  return { id, name, preview, alt: '', upload: { kind: 'sending', part: 0 } }
}

function end({ stop, preview }: { readonly stop: AbortController; readonly preview: string }): void {
  stop.abort()
  URL.revokeObjectURL(preview)
}

function problemOf(file: File): string | undefined {
  if (!pictureTypes.includes(file.type)) return pictureProblems.type(file.name)
  return file.size > maxPictureBytes ? pictureProblems.size(file.name, file.size) : undefined
}
