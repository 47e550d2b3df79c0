interface IdentifierFieldProps {
  readonly identifier: string | undefined
  readonly hasError: boolean
}

/** Where people type who they are. */
export function IdentifierField({ identifier, hasError }: IdentifierFieldProps) {
  // The demo script sets this for the local network that it starts; its accounts exist nowhere else.
  const isDemo = Boolean(process.env.DEMO_NETWORK)
  return (
    <div className="field">
      <label htmlFor="identifier">Handle or DID</label>
      <p className="hint" id="identifier-hint">
        {isDemo ? (
          <>
            Accounts of this demo: <code>alice.test</code>, <code>bob.pds2.test</code>,{' '}
            <code>carol.test</code>
          </>
        ) : (
          'Your name on the network, such as alice.bsky.social'
        )}
      </p>
      <input
        id="identifier"
        name="identifier"
        type="text"
        required
        autoComplete="username"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        placeholder="alice.bsky.social"
        defaultValue={identifier}
        aria-describedby={hasError ? 'sign-in-error identifier-hint' : 'identifier-hint'}
      />
    </div>
  )
}
