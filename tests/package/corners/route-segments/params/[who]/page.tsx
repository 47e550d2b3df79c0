import { auth } from '../../../../auth'

type Params = Promise<{ readonly who: string }>

export const dynamicParams = false

export async function generateStaticParams() {
  try {
    const session = await auth.getSession()
    return [{ who: session?.did ?? 'nobody' }]
  } catch {
    return [{ who: 'refused' }]
  }
}

export default async function Static({ params }: { readonly params: Params }) {
  const { who } = await params
  return <p>Built for {who}</p>
}
