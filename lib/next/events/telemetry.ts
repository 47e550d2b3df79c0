/**
 * Spans for OpenTelemetry, when the application has it. Its API keeps the provider behind a global symbol, by contract
 * for all of its 1.x versions; looking there asks for no package, so that nothing is missing where there is none.
 */
import 'server-only'
import { AtprotoAuthError } from '../../errors.ts'
import type { Span, Trace } from '../../oauth/trace.ts'

const API = Symbol.for('opentelemetry.js.api.1')
const TRACER = 'next-atproto-auth'
/** SpanKind.CLIENT: requests go out within it. */
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

/** A span of the provider that is registered now; without one, the work alone. */
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
    // The code alone: a message may name an account.
    const code = error instanceof AtprotoAuthError ? error.code : 'unexpected'
    span.setAttribute('error.type', code)
    span.setStatus({ code: ERROR, message: code })
    throw error
  } finally {
    span.end()
  }
}
