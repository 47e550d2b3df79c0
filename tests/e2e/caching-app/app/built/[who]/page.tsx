import { auth } from '../../../auth.ts'

export const dynamicParams = false

/** Runs while the application is built, when nobody asks for anything. */
export async function generateStaticParams() {
  try {
    return [{ who: (await auth.getSession())?.did ?? 'nobody' }]
  } catch {
    return [{ who: 'refused' }]
  }
}

export default async function Built({ params }: { params: Promise<{ who: string }> }) {
  return <h1>Here is {(await params).who}</h1>
}
