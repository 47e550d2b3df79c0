/** Checks each option of `createAtprotoAuth()` on its own: its name, its type, its form. */
import 'server-only'
import { z } from 'zod'
import { didYouMean } from '../../config/nearest-name.ts'
import { isServerOrigin } from '../../config/server-origin.ts'
import type { Store } from '../../store/contract.ts'
import type { AtprotoAuthOptions } from './options.ts'

const text = z.string('must be a string')
const requiredHook = z.custom((value) => typeof value === 'function', 'must be a function')
const hook = requiredHook.optional()
const duration = z
  .number('must be a number of milliseconds')
  .int('must be a whole number of milliseconds')
  .min(60_000, 'must be at least a minute (60000 milliseconds)')
const path = text.regex(/^\/([^/\\?#\s][^\\?#\s]*)?$/, 'must be a path that starts with one slash')
const basePath = text.regex(
  /^(\/[^/\\?#\s]+)+$/,
  'must be a path that does not end with a slash, such as /oauth',
)
const address = text.refine(
  (value) => /^\/(?!\/)/.test(value) || URL.parse(value)?.protocol === 'https:',
  'must be an https URL, or a path of this application that starts with one slash',
)
const limit = z
  .custom((value) => Number.isSafeInteger(value) && Number(value) > 0, 'must be a whole number above 0')
  .optional()
const serverOrigin = z.url({
  protocol: /^https?$/,
  error: 'must be the origin of a server, such as https://bsky.social',
})
const localServer = z.custom(
  (value) => typeof value === 'string' && isServerOrigin(value, { allowLoopback: true }),
  'must be the origin of a server on this machine, such as http://127.0.0.1:2582',
)

const fallbackResolver = z.custom(
  (value) =>
    typeof value === 'string'
      ? isServerOrigin(value, { allowLoopback: false })
      : typeof Object(value).resolve === 'function',
  'must be the https origin of a public server, such as https://public.api.bsky.app, or an object with the function resolve',
)

const storeFunctions: readonly (keyof Store)[] = [
  'get',
  'set',
  'take',
  'update',
  'delete',
  'increment',
  'addMember',
  'removeMember',
  'members',
  'lease',
  'release',
  'ping',
  'close',
]
const store = z.custom(
  (value) => storeFunctions.every((name) => typeof Object(value)[name] === 'function'),
  'must be a store, as the functions of next-atproto-auth/stores/* create them',
)
const logger = z.custom(
  (value) => ['warn', 'error'].every((level) => typeof Object(value)[level] === 'function'),
  'must have the functions warn and error',
)
const loginLimits = z.preprocess(
  (value) => (value === false ? undefined : value),
  z
    .strictObject({ perAddress: limit, perIdentifier: limit, overall: limit }, 'must be an object or false')
    .optional(),
)
const localNetwork = z.strictObject(
  { plcDirectory: localServer, handleResolver: localServer, ca: text.optional() },
  'must be an object with plcDirectory and handleResolver',
)
const connect = z.strictObject(
  { currentUser: requiredHook, onConnected: requiredHook },
  'must be an object with currentUser and onConnected',
)

const optionsSchema = z.strictObject({
  clientName: text.optional(),
  scope: text.optional(),
  signInScope: text.optional(),
  publicUrl: text.optional(),
  secret: z.union([text, z.array(text).min(1)], 'must be a string or a list of strings').optional(),
  clientKeys: z.unknown().optional(),
  store: store.optional(),
  sessionLifetimeMs: duration.optional(),
  sessionIdleMs: duration.optional(),
  basePath: basePath.optional(),
  signInPage: path.optional(),
  afterSignIn: path.optional(),
  afterSignOut: path.optional(),
  logoUri: address.optional(),
  tosUri: address.optional(),
  policyUri: address.optional(),
  signUpHosts: z.array(serverOrigin, 'must be a list of origins').optional(),
  loginLimits,
  clientAddress: hook,
  connect: connect.optional(),
  allowServerAddress: z.boolean('must be true or false').optional(),
  plcDirectory: text.optional(),
  fallbackResolver: fallbackResolver.optional(),
  localNetwork: localNetwork.optional(),
  privateHosts: z.array(text, 'must be a list of host names').optional(),
  proxy: text.optional(),
  resolveTxt: hook,
  logger: logger.optional(),
  onSignIn: hook,
  onSignOut: hook,
  onSessionRefreshed: hook,
  onSessionLost: hook,
  onError: hook,
})

export interface OptionProblems {
  /** One sentence each. They contain no values: a value may be a secret. */
  readonly messages: readonly string[]
  /** Whether these options have no problem, so that further checks make sense. */
  areValid(...names: readonly (keyof AtprotoAuthOptions)[]): boolean
}

export function findOptionProblems(options: object): OptionProblems {
  const issues = optionsSchema.safeParse(options).error?.issues ?? []
  const invalid = new Set(issues.map((issue) => issue.path[0]))
  return {
    messages: issues.map((issue) => {
      const name = issue.path.join('.')
      return issue.code === 'unrecognized_keys'
        ? unknownOption(name, issue.keys)
        : `The option ${name} ${issue.message}.`
    }),
    areValid: (...names) => !names.some((name) => invalid.has(name)),
  }
}

const nestedOptions: Readonly<Record<string, readonly string[]>> = {
  loginLimits: ['perAddress', 'perIdentifier', 'overall'],
  localNetwork: ['plcDirectory', 'handleResolver', 'ca'],
  connect: ['currentUser', 'onConnected'],
}

function unknownOption(parent: string, names: readonly string[]): string {
  const nested = nestedOptions[parent]
  const known = nested ?? Object.keys(optionsSchema.shape)
  const written = names.map((name) => (nested ? `${parent}.${name}` : name)).join(', ')
  const [meant = ''] = names.map((name) => didYouMean(name, known)).filter(Boolean)
  const list = `${nested ? `Those of ${parent}` : 'The options'} are ${known.join(', ')}.`
  return `There is no option ${written}.${meant} ${list}`
}
