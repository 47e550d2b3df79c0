/** The fields of forms about accounts: those that come to our routes, and those of the application's own actions. */
import 'server-only'

/** What a form about an account says; an empty field says nothing. */
export interface AccountForm {
  readonly did: string | undefined
  readonly everywhere: boolean
  readonly all: boolean
  readonly returnTo: string | undefined
}

/** @param form undefined when none came that could be read: then it says nothing */
export function readAccountForm(form: URLSearchParams | FormData | undefined): AccountForm {
  const read = (name: string) => {
    const value = form?.get(name)
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const isSet = (name: string) => read(name) !== undefined
  return { did: read('did'), everywhere: isSet('everywhere'), all: isSet('all'), returnTo: read('returnTo') }
}
