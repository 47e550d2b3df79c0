import type { OAuthSession } from 'next-atproto-auth'
import { auth } from '../../auth.ts'
import { listPosts } from '../_data/posts.ts'
import { readProfile } from '../_data/profile.ts'
import { readSession } from '../_data/session.ts'
import { Outage } from '../_failure/outage.tsx'
import { Streamed } from '../_frame/streamed.tsx'
import { WithoutScripts } from '../_frame/without-scripts.tsx'
import { HomeProblem, SessionEnded } from '../_home/home-problem.tsx'
import { HomeSkeleton } from '../_home/home-skeleton.tsx'
import { type Notice, PostList } from '../_home/post-list.tsx'
import { ProfileCard } from '../_home/profile-card.tsx'
import { Welcome } from '../_home/welcome.tsx'

interface HomeProps {
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>
}

/** The home page of a signed-in person, with profile and posts. Its address is `/`: see next.config.ts. */
export default function HomePage({ searchParams }: HomeProps) {
  return (
    <div className="tall">
      <WithoutScripts path="/">Your profile and your posts are not shown here.</WithoutScripts>
      <Streamed placeholder={<HomeSkeleton />}>
        <Home searchParams={searchParams} />
      </Streamed>
    </div>
  )
}

async function Home({ searchParams }: HomeProps) {
  const session = await readSession()
  if (session === 'outage') return <Outage path="/" />
  if (session === null) return <SignedOutHome />
  const { notice } = await searchParams
  return <SignedInHome session={session} notice={notice} />
}

/** For a person whose session has ended, or a cookie that this app did not set. */
async function SignedOutHome() {
  const status = await auth.getSessionStatus()
  return status.kind === 'reauth_required' ? <SessionEnded did={status.did} /> : <Welcome />
}

interface SignedInHomeProps {
  readonly session: OAuthSession
  readonly notice: string | string[] | undefined
}

async function SignedInHome({ session, notice }: SignedInHomeProps) {
  const [profile, posts] = await Promise.all([readProfile(session), listPosts(session)])
  const server = new URL(session.pds).host
  if (!profile.ok) return <HomeProblem problem={profile.problem} server={server} did={session.did} />
  return (
    <div className="home">
      <ProfileCard profile={profile.value} did={session.did} server={server} />
      <PostList posts={posts} account={session.did} server={server} notice={noticeOf(notice)} />
    </div>
  )
}

const notices: Readonly<Record<string, Notice>> = {
  posted: { text: 'Posted.', isProblem: false },
  // A mention tells the person of the post: one that is missing must not go unnoticed.
  'posted-unmentioned': {
    text: 'Posted. Some people you mentioned could not be looked up, so they are not notified of your post.',
    isProblem: false,
  },
  deleted: { text: 'Post deleted.', isProblem: false },
  'other-account': {
    text: 'You have switched to another account in the meantime. Nothing was deleted.',
    isProblem: true,
  },
  'not-deleted': { text: 'The post could not be deleted. Try again in a moment.', isProblem: true },
}

/** The notice that the query asks for; undefined for any value that is not in the list. */
function noticeOf(notice: string | string[] | undefined): Notice | undefined {
  return typeof notice === 'string' && Object.hasOwn(notices, notice) ? notices[notice] : undefined
}
