import { join } from 'node:path'
import type { NextConfig } from 'next'

/** The repository, in which the package and Next.js are: two folders above where the application is copied. */
const root = join(import.meta.dirname, '../../../..')

const config: NextConfig = {
  output: 'standalone',
  turbopack: { root },
  outputFileTracingRoot: root,
  // The benchmark's own types are checked with all others of the repository.
  typescript: { ignoreBuildErrors: true },
}

export default config
