/** Loaded before a program of its own process: it finds and trusts the local network's https front. */
import { syncBuiltinESMExports } from 'node:module'
import { trustHost } from './network/trust-host.ts'

const { FRONT_HOST = '', FRONT_CA = '' } = process.env
trustHost(FRONT_HOST, FRONT_CA)
// For those who import the function by its name.
syncBuiltinESMExports()
