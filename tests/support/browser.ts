/** A browser's cookies: it keeps what it is told and sends them back. */
export interface Browser {
  readonly jar: Map<string, string>
  /** The `Cookie` header. */
  header(): string
  /** Keeps what `Set-Cookie` lines say. */
  take(setCookies: readonly string[]): void
}

/** Those of a jar that stay: not those of finished sign-ins, which let a repeated callback be answered for a while. */
export function lastingCookies(jar: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...jar].filter(([name]) => !/atproto-flow.*-0-/.test(name)))
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
