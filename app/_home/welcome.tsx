import Link from 'next/link'

/** The home page of a visitor: what this is, and the way in. */
export function Welcome() {
  return (
    <div className="welcome">
      <div className="hero">
        <div className="hero-words">
          <h1>Come in with the account you have</h1>
          <p className="lead">
            Sign in with Bluesky or any other server of the AT Protocol network, see your latest posts, and
            write a new one.
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
          <h2>Your server asks</h2>
          <p>You give your password only to the server that keeps your account.</p>
        </li>
        <li>
          <h2>You decide</h2>
          <p>Before you agree, your server shows what this app would like to do.</p>
        </li>
        <li>
          <h2>Out means out</h2>
          <p>Signing out also takes back the access that your server gave to this app.</p>
        </li>
      </ul>
    </div>
  )
}

/** A picture of many servers around one network, drawn in the colour of the text around it. */
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
