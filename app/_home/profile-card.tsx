import Link from 'next/link'
import { isShowable } from '../_data/avatar.ts'
import type { AvatarRef, Profile } from '../_data/profile.ts'
import { SignOutForm } from './sign-out-form.tsx'

interface ProfileCardProps {
  readonly profile: Profile
  readonly did: string
  /** The host of the person's PDS. */
  readonly server: string
}

/** Who is signed in, from which server, and what they can do now. */
export function ProfileCard({ profile, did, server }: ProfileCardProps) {
  const handle = profile.handle === undefined ? 'invalid handle' : `@${profile.handle}`
  const name = profile.displayName ?? handle
  return (
    <section className="card profile" aria-labelledby="profile-name">
      <div className="profile-head">
        <Avatar avatar={profile.avatar} name={profile.displayName ?? profile.handle ?? '?'} />
        <div className="profile-names">
          <h1 id="profile-name" dir="auto">
            {name}
          </h1>
          {profile.displayName === undefined ? null : <p className="handle">{handle}</p>}
        </div>
      </div>
      <dl className="facts">
        <dt>Server</dt>
        <dd>{server}</dd>
        <dt>
          <abbr title="Decentralized identifier">DID</abbr>
        </dt>
        <dd className="did">{did}</dd>
      </dl>
      <div className="actions">
        <Link className="button" href="/compose">
          Write a post
        </Link>
        <SignOutForm />
      </div>
    </section>
  )
}

/** The picture says nothing that the heading beside it does not: it is hidden from screen readers. */
function Avatar({ avatar, name }: { readonly avatar: AvatarRef | undefined; readonly name: string }) {
  if (!isShowable(avatar)) {
    return (
      <span className="avatar" aria-hidden="true">
        {initials(name)}
      </span>
    )
  }
  // The cid is there for the browser's cache only, so that a new picture shows at once; the route ignores it.
  const src = `/avatar?v=${encodeURIComponent(avatar.cid)}`
  // biome-ignore lint/performance/noImgElement: the optimiser would fetch without the person's cookie
  return <img className="avatar" src={src} alt="" width={72} height={72} />
}

/** The first letter of the first two words, as readers see letters: an emoji counts as one. */
function initials(name: string): string {
  const words = name.split(/\s+/).slice(0, 2)
  const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
  return words.map((word) => segmenter.segment(word)[Symbol.iterator]().next().value?.segment ?? '').join('')
}
