/** The form behind every button: a plain POST, which works without scripts and is not followed by a prefetch. */
import type { ComponentPropsWithoutRef } from 'react'

/**
 * Where a form is submitted: the path of a route, or a server action of the application (a function of a `'use server'`
 * file, or the action that `useActionState` returns).
 */
export type FormTarget = string | ((form: FormData) => void | Promise<void>)

/** The default path of the library's route handlers. */
export const DEFAULT_BASE_PATH = '/oauth'

interface PostFormProps extends Omit<ComponentPropsWithoutRef<'form'>, 'action' | 'method'> {
  readonly action: FormTarget
  /** Hidden fields. Fields without a value are left out. */
  readonly fields: Readonly<Record<string, string | undefined>>
}

/** A form that posts hidden fields, and the fields of its children, to a route or an action. */
export function PostForm({ action, fields, children, ...rest }: PostFormProps) {
  // For a function, React submits the form and sets the method.
  const target = typeof action === 'string' ? ({ action, method: 'post' } as const) : { action }
  return (
    <form {...rest} {...target}>
      <HiddenFields fields={fields} />
      {children}
    </form>
  )
}

/** Hidden fields of a form. Those without a value are left out. */
export function HiddenFields({ fields }: Pick<PostFormProps, 'fields'>) {
  return Object.entries(fields).map(([name, value]) =>
    value === undefined ? null : <input key={name} type="hidden" name={name} value={value} />,
  )
}

/** A field that the browser sends only if it runs no scripts: an error then appears on the plain page of the handlers. */
export function NoScriptsField() {
  return (
    <noscript>
      <input type="hidden" name="scripts" value="off" />
    </noscript>
  )
}
