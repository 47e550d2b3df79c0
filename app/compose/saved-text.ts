/** Carries a text over the way to the person's server and back; kept in this tab only, until it is taken once. */

const key = 'draft'

export function keepDraft(text: string): void {
  try {
    sessionStorage.setItem(key, text)
  } catch {
    // Storage may be forbidden or full; the text is then typed again.
  }
}

/** The text, which is gone from here then; empty when there is none. */
export function takeDraft(): string {
  try {
    const text = sessionStorage.getItem(key) ?? ''
    sessionStorage.removeItem(key)
    return text
  } catch {
    // As above.
    return ''
  }
}
