/** Keeps the text of a draft in this tab while the person grants a permission on their server. */

const key = 'draft'

/** Saves the text for `takeSavedText`. */
export function saveText(text: string): void {
  try {
    sessionStorage.setItem(key, text)
  } catch {
    // Storage may be forbidden or full: the text is lost then.
  }
}

/** The saved text, which is removed; empty when there is none. */
export function takeSavedText(): string {
  try {
    const text = sessionStorage.getItem(key) ?? ''
    sessionStorage.removeItem(key)
    return text
  } catch {
    // Storage may be forbidden.
    return ''
  }
}
