/** Texts that are nearly right, the same ones for the same seed. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_*~.'

export interface Mutator {
  /** A whole number below the limit. */
  below(limit: number): number
  /** The text with one to four edits: a character replaced, removed or added, two parts swapped, a part doubled. */
  mutate(text: string): string
}

export function createMutator(seed: number): Mutator {
  const random = mulberry32(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  const letter = () => ALPHABET.charAt(below(ALPHABET.length))
  const edits: readonly ((now: string) => string)[] = [
    (now) => splice(now, below(now.length), 1, letter()),
    (now) => splice(now, below(now.length), 1 + below(8), ''),
    (now) => splice(now, below(now.length), 0, letter()),
    (now) => withBitFlipped(now, below(now.length), below(7)),
    (now) => {
      const parts = now.split('*')
      const [a, b] = [below(parts.length), below(parts.length)]
      return parts.map((part, at) => (at === a ? parts[b] : at === b ? parts[a] : part)).join('*')
    },
    (now) => now + now.slice(below(now.length)),
  ]
  return {
    below,
    mutate: (text) =>
      Array.from({ length: 1 + below(4) }, () => edits[below(edits.length)]).reduce(
        (now, edit) => edit?.(now) ?? now,
        text,
      ),
  }
}

export function withBitFlipped(text: string, at: number, bit: number): string {
  return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << bit)) + text.slice(at + 1)
}

function splice(text: string, at: number, count: number, put: string): string {
  return text.slice(0, at) + put + text.slice(at + count)
}

/** Numbers in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
}
