/** A request as Next itself runs one: inside `work`, `headers()` and `cookies()` answer, and what is set is kept. */
// Before anything of Next: what it needs of its server is made here.
import 'next/dist/server/node-environment-baseline.js'
import { type WorkStore, workAsyncStorage } from 'next/dist/server/app-render/work-async-storage.external.js'
import { workUnitAsyncStorage } from 'next/dist/server/app-render/work-unit-async-storage.external.js'
import {
  createRequestStore,
  synchronizeMutableCookies,
} from 'next/dist/server/async-storage/request-store.js'

export interface NextRequestOptions {
  readonly headers: Readonly<Record<string, string>>
  /** `action`: a server action or route handler; `render`: a page, which can set no cookie. */
  readonly phase: 'action' | 'render'
  /** Takes what is to be done after the response, as Next's own server does; without it, `after` does not work. */
  readonly after?: (work: LateWork) => void
}

/** Under way, or to begin when the response was sent. */
export type LateWork = Promise<unknown> | (() => Promise<unknown>)

export interface RunningRequest {
  /** Ends a server action: from here on its page is rendered, in the same request. */
  startRender(): void
}

/** What `work` gives, and the `Set-Cookie` lines of the request. */
export async function runNextRequest<T>(
  { headers, phase, after }: NextRequestOptions,
  work: (request: RunningRequest) => Promise<T>,
): Promise<{ readonly result: T; readonly setCookies: readonly string[] }> {
  let setCookies: readonly string[] = []
  const store = createRequestStore({
    phase,
    headers: new Headers(headers),
    onUpdateCookies(lines) {
      setCookies = lines
    },
    url: { pathname: '/' },
    rootParams: {},
    implicitTags: { tags: [], expirationsByCacheKind: new Map() },
    resumeDataCache: null,
    previewProps: undefined,
    isHmrRefresh: false,
    serverComponentsHmrCache: undefined,
    hmrRefreshHash: undefined,
    stagedFallbackParams: null,
  })
  const startRender = () => {
    store.phase = 'render'
    synchronizeMutableCookies(store)
  }
  // The few fields of it that cookies(), headers() and after() look at.
  const fields: unknown = {
    route: '/',
    forceStatic: false,
    dynamicShouldError: false,
    ...(after && { afterContext: { after } }),
  }
  const workStore = fields as WorkStore
  const result = await workAsyncStorage.run(workStore, () =>
    workUnitAsyncStorage.run(store, () => work({ startRender })),
  )
  return { result, setCookies }
}
