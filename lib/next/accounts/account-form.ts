/** The fields of a form that switches or signs out an account: posted to a route, or given to a server action. */
import 'server-only'

/** An empty field counts as missing. */
export interface AccountForm {
  readonly did: string | undefined
  readonly everywhere: boolean
  readonly all: boolean
  readonly returnTo: string | undefined
}

/** @param form undefined when the body of the request was not a readable form: all fields are then missing */
export function readAccountForm(form: URLSearchParams | FormData | undefined): AccountForm {
  const read = (name: string) => {
    const value = form?.get(name)
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const isSet = (name: string) => read(name) !== undefined
  return { did: read('did'), everywhere: isSet('everywhere'), all: isSet('all'), returnTo: read('returnTo') }
}
