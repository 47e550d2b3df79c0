/** The two versions of the library that the tests of this folder compare. */

// Before anything of Next: what it needs of its server is made here.
import 'next/dist/server/node-environment-baseline.js'
import { createAtprotoAuth } from 'next-atproto-auth'
import { buildClientMetadata, importKeyset, OAuthClient } from 'next-atproto-auth/oauth'
// The one place of this folder that reaches into lib/: the stores, and the command line behind `bin`.
import { runCommandLine } from '../../../lib/cli/command-line.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { createSqliteStore } from '../../../lib/store/sqlite.ts'
import { createVercelKvStore } from '../../../lib/store/vercel-kv.ts'
import type * as Previous from '../../fixtures/version-0.1.0/library.mjs'

/** One version of the library. */
export type Library = typeof Previous

export const workingTree: Library = {
  OAuthClient,
  buildClientMetadata,
  createAtprotoAuth,
  createMemoryStore,
  createSqliteStore,
  createVercelKvStore,
  importKeyset,
  runCommandLine,
}

/** The version of tests/fixtures/version-0.1.0. */
export const previous: Library = await import('../../fixtures/version-0.1.0/library.mjs')

/** Both directions of a deployment. */
export const orders = [
  { title: '0.1.0 first, then the working tree', one: previous, other: workingTree },
  { title: 'the working tree first, then 0.1.0', one: workingTree, other: previous },
]
