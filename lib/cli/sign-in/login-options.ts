/** The options of `login`, for both kinds of sign-in. */
import { parseArguments, type Terminal } from '../terminal/command.ts'
import { type NetworkSettings, networkOptions } from '../workspace/network-options.ts'
import { type Workspace, workspaceOptions } from '../workspace/workspace.ts'

const loginOptions = {
  ...workspaceOptions,
  ...networkOptions,
  scope: { type: 'string' },
  env: { type: 'boolean' },
  'no-browser': { type: 'boolean' },
  timeout: { type: 'string' },
  'two-phase': { type: 'boolean' },
  'client-id': { type: 'string' },
  'redirect-uri': { type: 'string' },
} as const

/** The parsed arguments of `login`, and where it runs. */
export interface LoginRequest {
  /** A handle, a DID or the address of a server. */
  readonly input: string
  /** Undefined: the default scope of the client. */
  readonly scope: string | undefined
  readonly network: NetworkSettings
  readonly flags: ReturnType<typeof parseLoginArguments>['values']
  readonly terminal: Terminal
  readonly workspace: Workspace
}

/** @throws UsageError */
export function parseLoginArguments(args: readonly string[]) {
  return parseArguments(args, loginOptions, 1)
}
