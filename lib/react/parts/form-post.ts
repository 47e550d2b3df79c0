/** Whether the browser itself is posting a form, and whether the page's own policy stopped it. */
'use client'

import { type RefObject, useEffect, useState } from 'react'

/** After this time the form can be used again, because no event reports that the user stopped the navigation. */
const RESTORE_MS = 15_000

/** `blocked`: the Content-Security-Policy of the page does not allow the form, or a redirect that answers it. */
export type FormPost = 'idle' | 'posting' | 'blocked'

/** The state of the button's form, which `useFormStatus` does not report without a server action. */
export function useFormPost(button: RefObject<HTMLButtonElement | null>): FormPost {
  const [state, setState] = useState<FormPost>('idle')
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const end = (next: FormPost) => {
      clearTimeout(timer)
      timer = undefined
      setState(next)
    }
    const restore = () => end('idle')
    // On the window, so that React's listener runs first and has prevented the default for a form with a server action.
    const onSubmit = (event: SubmitEvent) => {
      if (event.defaultPrevented || event.target !== button.current?.form) return
      if (timer !== undefined) return event.preventDefault()
      timer = setTimeout(restore, RESTORE_MS)
      setState('posting')
    }
    const onViolation = (event: SecurityPolicyViolationEvent) => {
      if (timer === undefined || event.disposition !== 'enforce') return
      if (event.effectiveDirective !== 'form-action') return
      end('blocked')
      reportBlockedForm(event)
    }
    window.addEventListener('submit', onSubmit)
    // When the user goes back, the browser may show this page in the state in which it was left.
    window.addEventListener('pageshow', restore)
    document.addEventListener('securitypolicyviolation', onViolation)
    return () => {
      clearTimeout(timer)
      window.removeEventListener('submit', onSubmit)
      window.removeEventListener('pageshow', restore)
      document.removeEventListener('securitypolicyviolation', onViolation)
    }
  }, [button])
  return state
}

/** For the developer. Without the path and query, which can name an account. */
function reportBlockedForm({ blockedURI }: SecurityPolicyViolationEvent): void {
  const target = URL.parse(blockedURI)?.origin ?? blockedURI
  // biome-ignore lint/suspicious/noConsole: nothing else in the browser shows what to change.
  console.error(
    `[next-atproto-auth] This page's Content-Security-Policy blocked a form on its way to ${target}. Its directive ` +
      "form-action also applies to redirects: a sign-in needs form-action 'self' https:.",
  )
}
