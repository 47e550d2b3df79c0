import type { Guard } from '../guard.ts'

/** Public profiles, and text of strangers: lib/identity/account-profile and lib/untrusted-text. */
export const profileGuards: readonly Guard[] = [
  {
    file: 'identity/account-profile.ts',
    what: 'a picture may be of any type',
    why: 'has the browser load SVG or HTML as a picture',
    from: 'if (!parsed.success || !imageTypes.has(parsed.data.mimeType)) return undefined',
    to: 'if (!parsed.success) return undefined',
    tests: ['unit/identity/account-profile'],
  },
  {
    file: 'identity/account-profile.ts',
    what: 'the name of a picture may be any text',
    why: 'adds parameters to the address of a picture',
    from: 'return isCid(cid) ? ',
    to: 'return cid ? ',
    tests: ['unit/identity/account-profile'],
  },
  {
    file: 'identity/account-profile.ts',
    what: 'a display name is shown as it is',
    why: 'turns the text around a name, or hides a part of it',
    from: 'displayName === undefined ? undefined : cleanName(displayName)',
    to: 'displayName',
    tests: ['unit/identity/account-profile'],
  },
  {
    file: 'untrusted-text.ts',
    what: 'control characters of strangers are kept',
    why: 'writes lines of its own into the log, or hides text',
    from: "text.replace(controls, (character) => (/[\\s\\u0085]/.test(character) ? ' ' : '')),",
    to: 'text,',
    tests: ['unit/untrusted-text'],
  },
  {
    file: 'untrusted-text.ts',
    what: 'secrets in the words of a server are kept',
    why: 'has a server’s error message carry a token into the log',
    from: 'return withoutPieces(shown, secrets).replace(secretShapes, REDACTED)',
    to: 'return shown',
    tests: ['unit/untrusted-text'],
  },
  {
    file: 'identity/account-profile.ts',
    what: 'a server that gives no record of the account counts as a PDS',
    why: 'floods a victim’s host through look-ups of profiles',
    from: 'if (isRecordOf(did, answer)) isPds()',
    to: 'isPds()',
    tests: [
      'unit/identity/unverified-host-limit',
      'unit/identity/account-profile',
      'unit/identity/amplification',
    ],
  },
  {
    file: 'identity/account-profile.ts',
    what: 'a server that refuses in any words counts as a PDS',
    why: 'floods a victim’s host through look-ups of profiles',
    from: 'if (await isXrpcError(response, pds)) isPds()',
    to: 'isPds()',
    tests: [
      'unit/identity/unverified-host-limit',
      'unit/identity/account-profile',
      'unit/identity/amplification',
    ],
  },
  {
    file: 'oauth/client.ts',
    what: 'a profile is looked up for any text',
    why: 'has the server ask for what is no account',
    from: 'return readProfile(parseSub(did), identity, { waitUntil })',
    to: 'return readProfile(did, identity, { waitUntil })',
    tests: ['protocol/next/session-profile'],
  },
]
