/** The servers that the library is tried with, the reference first. */
import { alteran } from './alteran.ts'
import { bluesky, bskySocial } from './bluesky.ts'
import { cirrus } from './cirrus.ts'
import { cocoon } from './cocoon.ts'
import { ezpds } from './ezpds.ts'
import type { Maker } from './maker.ts'
import { millipds } from './millipds.ts'
import { pegasus } from './pegasus.ts'
import { rsky } from './rsky.ts'
import { tranquil } from './tranquil.ts'

export const makers: readonly Maker[] = [
  ...[bluesky, bskySocial, cirrus, ezpds, alteran, cocoon, pegasus, tranquil, rsky, millipds],
]
