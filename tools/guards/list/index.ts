/** All guards, by what they guard. */
import type { Guard } from '../guard.ts'
import { cookieGuards } from './cookies.ts'
import { eslintGuards } from './eslint.ts'
import { identityGuards } from './identity.ts'
import { limitGuards } from './limits.ts'
import { memoryGuards } from './memory.ts'
import { networkGuards } from './network.ts'
import { profileGuards } from './profiles.ts'
import { proxyGuards } from './proxy.ts'
import { refreshGuards } from './refreshes.ts'
import { routeGuards } from './routes.ts'
import { signInGuards } from './sign-in.ts'
import { storeGuards } from './store.ts'
import { surfaceGuards } from './surfaces.ts'
import { testingGuards } from './testing.ts'
import { tokenGuards } from './tokens.ts'
import { webGuards } from './web.ts'

export const guards: readonly Guard[] = [
  ...webGuards,
  ...cookieGuards,
  ...networkGuards,
  ...proxyGuards,
  ...identityGuards,
  ...profileGuards,
  ...tokenGuards,
  ...refreshGuards,
  ...storeGuards,
  ...memoryGuards,
  ...surfaceGuards,
  ...testingGuards,
  ...signInGuards,
  ...routeGuards,
  ...eslintGuards,
  ...limitGuards,
]
