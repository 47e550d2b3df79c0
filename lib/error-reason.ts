/**
 * Why something failed, in one line for a log or a terminal: what the error says, and the facts that it and its causes
 * hold, in the form `MESSAGE (endpoint=URL status=400 cause=CODE error=NAME description="TEXT" reference=TEXT)`. Without an
 * endpoint, the host that could not be reached is named as `address=HOST:PORT`.
 */
import { AtprotoAuthError } from './errors.ts'
import { addressInError } from './failed-address.ts'
import { cleanText, escapeControls, redact } from './untrusted-text.ts'

/** An error with causes that lie deeper, or that lead back to it, is read this far. */
const MAX_ERRORS = 20
/** The form of a system's error code, such as `ECONNREFUSED`, and of the name of an error class. */
const codePattern = /^\w{2,64}$/
const plainFact = /^[^\s"()]+$/

/**
 * Returns the error in one line that begins with its code; an error that is not of this library begins with its name.
 * Facts come from the whole chain of causes; of two, the inner one is shown. Of a foreign error below, only code or name
 * is shown, because its message may quote what it was given: a store's driver, for instance, a row with keys.
 *
 * @param reference what the visitor is shown, as the last fact
 */
export function describeError(error: unknown, reference?: string): string {
  const reason = describeReason(error, reference)
  return error instanceof AtprotoAuthError ? `${error.code}: ${reason}` : reason
}

/** Returns the same line without the code. */
export function describeReason(error: unknown, reference?: string): string {
  const chain = chainOf(error)
  const text = withoutFacts(sentencesOf(chain))
  const facts = inWords({ ...factsOf(chain, text), reference })
  return escapeControls(redact(facts === '' ? text : `${text} (${facts})`))
}

/** A server's words, which a message may quote, must not read like facts. */
function withoutFacts(text: string): string {
  return text.replace(/\b(endpoint|address|status|cause|error|description|reference)=/g, '$1: ')
}

/**
 * Returns the lines of the stack below the message, for an error that is not of this library: a bug, or an error of the
 * application. The message itself has no part in them.
 */
export function framesOf(error: unknown): readonly string[] {
  if (error instanceof AtprotoAuthError || !(error instanceof Error)) return []
  const { stack = '', message } = error
  const [, ...rest] = stack.split(message)
  const lines = (message !== '' && rest.length > 0 ? rest.join(message) : stack).split('\n')
  return lines.filter((line) => /^\s+at /.test(line)).map((line) => escapeControls(redact(line)))
}

/** Returns what the line calls `cause`: the innermost code. Undefined when the error has no cause. */
export function innermostCause(error: unknown): string | undefined {
  return causeOf(chainOf(error))
}

/** The error, what caused it, what caused that, and so on: each once, the innermost last. */
function chainOf(error: unknown): readonly unknown[] {
  const chain = new Set<unknown>([error])
  for (const link of chain) {
    if (!(link instanceof Error)) continue
    const errors = link instanceof AggregateError ? link.errors : []
    for (const cause of [...errors, link.cause]) {
      if (cause !== undefined && chain.size < MAX_ERRORS) chain.add(cause)
    }
  }
  return [...chain]
}

function sentencesOf([error, ...causes]: readonly unknown[]): string {
  let text = error instanceof AtprotoAuthError ? error.message : nameAndMessage(error)
  for (const cause of causes) {
    if (!(cause instanceof AtprotoAuthError) || isToldByFacts(cause)) continue
    const { message } = cause
    if (!text.includes(message)) text += ` ${message}`
  }
  // Both say the same of one server.
  return text.replace(/^(\S+) could not be asked\. (?=\1 did not answer\.)/, '')
}

function nameAndMessage(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  return error.message === '' ? error.name : `${error.name}: ${error.message}`
}

/** Whether the sentence says only that there was no answer, which the endpoint and the cause say as well. */
function isToldByFacts({ code, endpoint }: AtprotoAuthError): boolean {
  return endpoint !== undefined && (code === 'network_error' || code === 'timeout')
}

type Facts = Readonly<Record<string, unknown>>

function factsOf(chain: readonly unknown[], text: string): Facts {
  const ours = chain.filter((error) => error instanceof AtprotoAuthError)
  const innermost = (read: (error: AtprotoAuthError) => unknown) =>
    ours.map(read).findLast((fact) => fact !== undefined)
  const said = innermost((error) => textAt(error, 'errorDescription') ?? textAt(error, 'errorMessage'))
  const description = typeof said === 'string' ? withoutFacts(said) : ''
  const endpoint = innermost((error) => error.endpoint)
  const address = endpoint === undefined ? addressInError(chain[0]) : undefined
  return {
    endpoint,
    address: address !== undefined && text.includes(address) ? undefined : address,
    status: innermost(({ status }) => status),
    cause: causeOf(chain),
    error: innermost((error) => textAt(error, 'error')),
    description: text.includes(description) ? undefined : description,
  }
}

function inWords(facts: Facts): string {
  return Object.entries(facts)
    .filter(([, fact]) => fact !== undefined)
    .map(
      ([name, fact]) =>
        `${name}=${name !== 'description' && plainFact.test(`${fact}`) ? fact : JSON.stringify(fact)}`,
    )
    .join(' ')
}

function textAt(error: AtprotoAuthError, name: string): string | undefined {
  const text: unknown = Reflect.get(error, name)
  return typeof text === 'string' ? cleanText(text) : undefined
}

/** What a machine without IPv6 says of the IPv6 address of a server: the reason is what came of the other address. */
const noRoute: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'EHOSTUNREACH', 'ENETUNREACH'])

/** The code of the system; without one, of this library; without one, the name of a foreign error. */
function causeOf([error, ...causes]: readonly unknown[]): string | undefined {
  const ownCode = error instanceof AtprotoAuthError ? error.code : undefined
  const all = ownCode === undefined ? [error, ...causes] : causes
  const foreign = all.filter((cause) => !(cause instanceof AtprotoAuthError))
  const codes = foreign.map(systemCode).filter((code) => code !== undefined)
  return (
    codes.findLast((code) => !noRoute.has(code)) ??
    codes.at(-1) ??
    causes
      .map((cause) => (cause instanceof AtprotoAuthError ? cause.code : undefined))
      .findLast((code) => code !== undefined && code !== ownCode) ??
    causes.map(foreignName).findLast((name) => name !== undefined)
  )
}

function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  // It only says that the request was given up; why is the error above it.
  return codePattern.test(error.code) && error.code !== 'ABORT_ERR' ? error.code : undefined
}

function foreignName(error: unknown): string | undefined {
  if (error instanceof AtprotoAuthError || !(error instanceof Error)) return undefined
  return codePattern.test(error.name) ? error.name : undefined
}
