import Link from 'next/link'

/** The home page of a visitor: what this app is for, and the link to the sign-in page. */
export function Welcome() {
  return (
    <div className="welcome">
      <div className="hero">
        <div className="hero-words">
          <h1>Sign in with the account you already have</h1>
          <p className="lead">
            Use your account on Bluesky or any other server of the AT Protocol network. See your latest posts
            and write a new one.
          </p>
          <p>
            <Link className="button" href="/sign-in">
              Sign in
            </Link>
          </p>
        </div>
        <Orbits />
      </div>
      <ul className="promises">
        <li>
          <h2>Your password stays private</h2>
          <p>You enter it only on the server that hosts your account.</p>
        </li>
        <li>
          <h2>You decide</h2>
          <p>Before you agree, your server shows you what this app wants to do.</p>
        </li>
        <li>
          <h2>Signing out ends access</h2>
          <p>When you sign out, your server revokes the access that it gave to this app.</p>
        </li>
      </ul>
    </div>
  )
}

/** Many servers in one network, drawn in the colour of the text. */
function Orbits() {
  return (
    <svg className="orbits" viewBox="0 0 288 288" width={288} height={288} aria-hidden="true" fill="none">
      <g stroke="currentColor" strokeWidth="1.5">
        <circle cx="144" cy="144" r="136" opacity="0.2" />
        <circle cx="144" cy="144" r="94" opacity="0.35" />
        <circle cx="144" cy="144" r="52" opacity="0.55" />
      </g>
      <g fill="currentColor">
        <circle cx="144" cy="144" r="16" />
        <circle cx="189" cy="170" r="8" />
        <circle cx="62" cy="98" r="11" opacity="0.8" />
        <circle cx="226" cy="98" r="6" opacity="0.8" />
        <circle cx="91" cy="269" r="9" opacity="0.6" />
        <circle cx="262" cy="212" r="7" opacity="0.6" />
        <circle cx="144" cy="8" r="6" opacity="0.6" />
      </g>
    </svg>
  )
}
