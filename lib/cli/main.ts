#!/usr/bin/env node
/** The command line of the package. */
import { generateKeys } from './keys.ts'

const USAGE = `Usage: next-atproto-auth <command>

  keys    print a new ATPROTO_SECRET and ATPROTO_CLIENT_KEYS for .env.local or your host's secret store
`

const [command] = process.argv.slice(2)
if (command === 'keys') {
  process.stdout.write(await generateKeys())
} else {
  process.stderr.write(USAGE)
  process.exitCode = command === undefined || command === 'help' || command === '--help' ? 0 : 2
}
