/** All guards, by what they guard. */
import type { Guard } from '../guard.ts'
import { identityGuards } from './identity.ts'
import { networkGuards } from './network.ts'
import { signInGuards } from './sign-in.ts'
import { storeGuards } from './store.ts'
import { surfaceGuards } from './surfaces.ts'
import { tokenGuards } from './tokens.ts'
import { webGuards } from './web.ts'

export const guards: readonly Guard[] = [
  ...webGuards,
  ...networkGuards,
  ...identityGuards,
  ...tokenGuards,
  ...storeGuards,
  ...surfaceGuards,
  ...signInGuards,
]
