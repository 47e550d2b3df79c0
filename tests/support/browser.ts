/** A browser's cookies: it keeps what it is told and sends them back. */
export interface Browser {
  readonly jar: Map<string, string>
  /** The `Cookie` header. */
  header(): string
  /** Keeps what `Set-Cookie` lines say. */
  take(setCookies: readonly string[]): void
}

/** @param jar what it has already, for instance another browser's cookies */
export function createBrowser(jar: Iterable<readonly [string, string]> = []): Browser {
  const cookies = new Map(jar)
  return {
    jar: cookies,
    header: () => Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; '),
    take(setCookies) {
      for (const line of setCookies) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        if (line.includes('Max-Age=0')) cookies.delete(name)
        else cookies.set(name, value)
      }
    },
  }
}
