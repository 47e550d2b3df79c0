/** What a version of the library has written, with what a test needs to read it. The fixtures have this form. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { databaseSchema } from './database.ts'

/** The addresses of the servers that the sign-ins were made with. The servers no longer run. */
export const addressesSchema = z.object({
  plc: z.string(),
  resolver: z.string(),
  /** The second leaves out of its answers what is optional. */
  homes: z.array(z.object({ issuer: z.string(), pds: z.string(), dids: z.array(z.string()) })),
})
export type Addresses = z.infer<typeof addressesSchema>

const common = z.object({
  /** Epoch milliseconds. */
  writtenAt: z.number(),
  secret: z.string(),
  addresses: addressesSchema,
})
const jar = z.array(z.tuple([z.string(), z.string()]))
const session = z.object({ did: z.string(), id: z.string() })

export const applicationSchema = common.extend({
  publicUrl: z.string(),
  clientId: z.string(),
  database: databaseSchema,
  sessions: z.object({
    /** With all optional fields. */
    full: session,
    /** With none of them. */
    bare: session,
    /** With a refresh marker: its last token request had no answer. */
    marked: session,
    /** Ended by its server. */
    ended: session,
    /** Taken over from the official client, its key on secp256k1. */
    official: session,
  }),
  /** The `state` parameters of pending sign-ins. */
  states: z.object({ signIn: z.string(), signUp: z.string() }),
  browsers: z.object({
    /** Two accounts are signed in, the second of them is the active one. */
    signedIn: z.object({ jar, dids: z.array(z.string()) }),
    /** A sign-in is pending. `refusal` is the path of a callback in which the server refuses it. */
    signingIn: z.object({ jar, refusal: z.string() }),
  }),
})
export type WrittenApplication = z.infer<typeof applicationSchema>

const value = z.record(z.string(), z.unknown())
export const customStoresSchema = common.omit({ secret: true }).extend({
  /** The values of `sessionStore`, by DID, under the same names as the rows of an application. */
  sessions: z.object({ full: value, bare: value, marked: value, official: value }),
  /** The values of `stateStore`, with their keys. */
  states: z.object({
    signIn: z.object({ key: z.string(), value }),
    signUp: z.object({ key: z.string(), value }),
  }),
})
export type WrittenCustomStores = z.infer<typeof customStoresSchema>

export const commandLineSchema = common.extend({
  database: databaseSchema,
  /** The callback URL in which the server refuses the pending sign-in. */
  refusal: z.string(),
})
export type WrittenCommandLine = z.infer<typeof commandLineSchema>

/** The public URL of a confidential client. */
export const CONFIDENTIAL = 'https://app.fixtures.internal'
/** The public URL of a loopback client: its cookie names contain the port. */
export const LOOPBACK = 'http://127.0.0.1:3000'

/** An application, and the fixture that holds what it had written. */
export const applications = [
  { name: 'confidential', publicUrl: CONFIDENTIAL },
  { name: 'loopback', publicUrl: LOOPBACK },
] as const

const folder = new URL('../../fixtures/sealed-0.1.0/', import.meta.url)

/** One of the fixtures. */
export function readFixture<T>(name: string, schema: z.ZodType<T>): T {
  return schema.parse(JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')))
}
