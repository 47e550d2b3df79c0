import { redirect } from 'next/navigation'
import { auth, pictureScope } from '../../../auth.ts'

/** Asks for the permission to upload pictures unless it is granted, then leads to the form. */
export default async function PicturesPage() {
  await auth.requireSession({ returnTo: '/compose', scope: pictureScope })
  redirect('/compose')
}
