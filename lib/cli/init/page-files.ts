/** The two pages of `init --pages`, with the same code as in the README: without its types for JavaScript. */

import type { ConfigurationName } from './configuration-file.ts'

// Separate, so that tools that scan for imports and directives do not take the generated files for ours.
const REACT = "'react'"
const NAVIGATION = "'next/navigation'"
const SERVER_ACTION = "'use server'"
const PACKAGE = "'next-atproto-auth/react"

const COMPOSE_PROPS = `interface Props {
  searchParams: Promise<{ posted?: string }>
}

`

/** Returns a page where users write posts. Its forms are outside `<Suspense>`, so that they need no scripts. */
export function composePage(language: 'ts' | 'js', name: ConfigurationName): string {
  const form = language === 'ts' ? 'form: FormData' : 'form'
  const [props, typed] = language === 'ts' ? [COMPOSE_PROPS, ': Props'] : ['', '']
  return `import { redirect } from ${NAVIGATION}
import { Suspense } from ${REACT}
import { ${name} } from '../../${name}'

${props}export default function Compose({ searchParams }${typed}) {
  return (
    <main className="mx-auto grid w-full max-w-xl gap-4 p-4">
      <Suspense fallback={<p>Signed in as …</p>}>
        <SignedInAs />
      </Suspense>
      <form action={post}>
        <textarea name="text" aria-label="Your post" required rows={4} className="block w-full border p-2" />{' '}
        <button type="submit" className="mt-2 border px-3 py-1">
          Post
        </button>
      </form>
      <form method="post" action="/oauth/logout">
        <button type="submit" className="border px-3 py-1">
          Sign out
        </button>
      </form>
      <Suspense>
        <Status searchParams={searchParams} />
      </Suspense>
    </main>
  )
}

async function SignedInAs() {
  const session = await ${name}.requireSession({ returnTo: '/compose' })
  return <p>Signed in as {session.did}</p>
}

async function Status({ searchParams }${typed}) {
  const { posted } = await searchParams
  return posted ? <p role="status">Posted</p> : null
}

async function post(${form}) {
  ${SERVER_ACTION}
  const session = await ${name}.requireSession({ returnTo: '/compose' })
  const record = { $type: 'app.bsky.feed.post', text: form.get('text'), createdAt: new Date().toISOString() }
  await session.post('com.atproto.repo.createRecord', {
    body: { repo: session.did, collection: 'app.bsky.feed.post', record },
  })
  redirect('/compose?posted=1')
}
`
}

/** Returns the sign-in page. The form is there at once, and what the query says follows. */
export function signInPage(language: 'ts' | 'js'): string {
  const isTyped = language === 'ts'
  return `import { ${isTyped ? 'type SignInQuery, ' : ''}SignInForm } from ${PACKAGE}'
import ${PACKAGE}/styles.css'

export default function SignIn({ searchParams }${isTyped ? ': { searchParams: SignInQuery }' : ''}) {
  return (
    <main className="p-4">
      <h1>Sign in</h1>
      <SignInForm query={searchParams} />
    </main>
  )
}
`
}
