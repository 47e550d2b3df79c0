import { redirect } from 'next/navigation'
import { auth, pictureScope } from '../../../auth.ts'

/** On the way to a post with pictures: who has not allowed them yet is asked by their server first. */
export default async function PicturesPage() {
  await auth.requireSession({ returnTo: '/compose', scope: pictureScope })
  redirect('/compose')
}
