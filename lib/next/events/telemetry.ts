/**
 * OpenTelemetry spans, when the application uses OpenTelemetry. Its API stores the provider under a global symbol, the
 * same for all 1.x versions. Reading that symbol needs no package.
 */
import 'server-only'
import { AtprotoAuthError } from '../../errors.ts'
import type { Span, Trace } from '../../oauth/trace.ts'

const API = Symbol.for('opentelemetry.js.api.1')
const TRACER = 'next-atproto-auth'
/** SpanKind.CLIENT: the span covers requests to other servers. */
const CLIENT = 2
/** SpanStatusCode.ERROR. */
const ERROR = 2

interface OtelSpan {
  setAttribute(name: string, value: string | number): unknown
  setStatus(status: { readonly code: number; readonly message?: string }): unknown
  end(): void
}

interface OtelTracer {
  startActiveSpan<T>(name: string, options: object, work: (span: OtelSpan) => T): T
}

interface OtelApi {
  readonly trace?: { getTracer(name: string): OtelTracer } | undefined
}

/** Runs the work in a span of the registered provider; without a provider, just runs it. */
export const openTelemetryTrace: Trace = (name, attributes, work) => {
  const holder: typeof globalThis & { readonly [API]?: OtelApi } = globalThis
  const tracer = holder[API]?.trace?.getTracer(TRACER)
  if (!tracer) return work({ set: () => {} })
  return tracer.startActiveSpan(name, { kind: CLIENT, attributes }, (span) => within(span, work))
}

async function within<T>(span: OtelSpan, work: (span: Span) => Promise<T>): Promise<T> {
  try {
    return await work({ set: (attribute, value) => span.setAttribute(attribute, value) })
  } catch (error) {
    // Only the code: a message may contain an account's handle or DID.
    const code = error instanceof AtprotoAuthError ? error.code : 'unexpected'
    span.setAttribute('error.type', code)
    span.setStatus({ code: ERROR, message: code })
    throw error
  } finally {
    span.end()
  }
}
