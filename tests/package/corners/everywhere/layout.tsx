import { type ReactNode, Suspense } from 'react'
import { auth } from '../../auth'

export default function Layout({ children }: { readonly children: ReactNode }) {
  return (
    <>
      <Suspense fallback={<p>Loading</p>}>
        <Header />
      </Suspense>
      {children}
    </>
  )
}

async function Header() {
  const session = await auth.getSession()
  return <header>Layout of {session?.did ?? 'nobody'}</header>
}
