/** Buttons for creating an account, one for each server that the application lists. */
import type { ReactNode } from 'react'
import { type FormTarget, NoScriptsField, PostForm } from '../parts/post-form.tsx'
import { SubmitButton } from '../parts/submit-button.tsx'
import { parseWebOrigin } from '../parts/web-address.ts'

/** A server on which new accounts can be created. */
export interface SignUpHost {
  /** Its https address, e.g. `https://bsky.social`. */
  readonly url: string
  /** Text of its button. Default: "Create an account on" and its host name. */
  readonly label?: ReactNode
}

export interface SignUpButtonsProps {
  readonly hosts: readonly (string | SignUpHost)[]
  readonly action: FormTarget
  readonly fields: Readonly<Record<string, string | undefined>>
  readonly heading: ReactNode
  readonly headingId: string
  readonly buttonClassName: string | undefined
  /** Whether the form can show an error. */
  readonly showsErrors: boolean
}

/** @throws TypeError when a host is not https */
export function SignUpButtons({
  hosts,
  action,
  fields,
  heading,
  headingId,
  buttonClassName,
  showsErrors,
}: SignUpButtonsProps) {
  return (
    <section data-atproto="sign-up" aria-labelledby={headingId}>
      <p data-atproto="sign-up-heading" id={headingId}>
        {heading}
      </p>
      {hosts.map((host) => {
        const { url, label } = typeof host === 'string' ? { url: host } : host
        const origin = parseWebOrigin(url, 'signUpHosts')
        return (
          <PostForm
            key={origin}
            data-atproto="sign-up-form"
            action={action}
            fields={{ ...fields, identifier: origin, prompt: 'create' }}
          >
            {showsErrors ? null : <NoScriptsField />}
            <SubmitButton className={buttonClassName} data-atproto="sign-up-button">
              {label ?? `Create an account on ${new URL(origin).host}`}
            </SubmitButton>
          </PostForm>
        )
      })}
    </section>
  )
}
