import { auth } from '../../auth.ts'

async function greet(): Promise<void> {
  'use server'
  await auth.requireSession({ returnTo: '/members?greeted' })
}

/** Not behind the guard: its own check is all there is. */
export default async function Page() {
  const session = await auth.requireSession({ returnTo: '/members' })
  return (
    <>
      <h1>A page for {session.did}</h1>
      <form action={greet}>
        <button type="submit">Greet</button>
      </form>
    </>
  )
}
