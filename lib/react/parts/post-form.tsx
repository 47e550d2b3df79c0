/** The form under every button here: a plain POST, which works without scripts and which no prefetch can follow. */
import type { ComponentPropsWithoutRef } from 'react'

/**
 * Where a form is sent: the path of a route, or an action of the application (a function of a `'use server'` file, or
 * what `useActionState` gives for it).
 */
export type FormTarget = string | ((form: FormData) => void | Promise<void>)

/** Where the library's route handlers are, unless an application mounts them elsewhere. */
export const DEFAULT_BASE_PATH = '/oauth'

interface PostFormProps extends Omit<ComponentPropsWithoutRef<'form'>, 'action' | 'method'> {
  readonly action: FormTarget
  /** Hidden fields; those without a value are left out. */
  readonly fields: Readonly<Record<string, string | undefined>>
}

/** A form that posts hidden fields, and whatever its children add, to a route or an action. */
export function PostForm({ action, fields, children, ...rest }: PostFormProps) {
  // A function is sent by React itself, which sets the method.
  const target = typeof action === 'string' ? ({ action, method: 'post' } as const) : { action }
  return (
    <form {...rest} {...target}>
      {Object.entries(fields).map(([name, value]) =>
        value === undefined ? null : <input key={name} type="hidden" name={name} value={value} />,
      )}
      {children}
    </form>
  )
}
