/** Looks for what must not be shown: codes and tokens, verifiers, ids of sessions, and the secret of the application. */
import { type Run, SECRET } from './run.ts'
import type { Reply } from './visit.ts'

/** Kinds of secrets in an answer. The browser's own code may be in the address that it is sent back to. */
export function findSecrets(
  run: Run,
  { body, location, headers }: Reply,
  ownCode: string | null,
): readonly string[] {
  const isOwn = ownCode !== null && location.startsWith('/oauth/callback?')
  const shown = isOwn ? location.replaceAll(ownCode, '') : location
  return findSecretsIn(run, [body, shown, headers].join('\n'))
}

/** Kinds of secrets in a text. */
export function findSecretsIn({ network, oracle }: Run, text: string): readonly string[] {
  const kinds = {
    // The scripted servers have this word in each of theirs.
    'a code or token': ['.CANARY.'],
    'the secret of the application': [SECRET, encodeURIComponent(SECRET)],
    'a verifier': [...network.verifiers],
    'the id of a session': oracle.sessions.map(({ id }) => id),
    'a private key': ['"d":"'],
  }
  return Object.entries(kinds).flatMap(([kind, words]) =>
    words.some((word) => text.includes(word)) ? [kind] : [],
  )
}
