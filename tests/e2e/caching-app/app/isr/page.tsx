import { auth } from '../../auth.ts'

export const revalidate = 3600

export default async function Isr() {
  return <h1>Here is {(await auth.getSession())?.did ?? 'nobody'}</h1>
}
