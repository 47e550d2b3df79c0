import Link from 'next/link'
import { avatarPath } from '../_data/accounts.ts'
import type { Profile } from '../_data/profile-cache.ts'
import { Avatar } from '../_frame/avatar.tsx'
import { SignOutForm } from '../_frame/sign-out-form.tsx'

interface ProfileCardProps {
  readonly profile: Profile
  readonly did: string
  /** The host of the person's PDS. */
  readonly server: string
}

/** The signed-in person, their server, and the actions of the home page. */
export function ProfileCard({ profile, did, server }: ProfileCardProps) {
  const handle = profile.handle === undefined ? 'invalid handle' : `@${profile.handle}`
  const name = profile.displayName ?? handle
  return (
    <section className="card profile" aria-labelledby="profile-name">
      <div className="profile-head">
        <Avatar
          src={avatarPath(did, profile)}
          name={profile.displayName ?? profile.handle ?? '?'}
          size={72}
        />
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
        <SignOutForm did={did} />
      </div>
    </section>
  )
}
