/** What a call of `login` may say, in either of its two ways. */
import { readCall, type Terminal } from '../terminal/command.ts'
import { type NetworkSettings, networkOptions } from '../workspace/network-settings.ts'
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

/** What a call of `login` asks for. */
export interface LoginCall {
  /** Handle, DID or address of a server. */
  readonly input: string
  /** Undefined: what the client asks for by itself. */
  readonly scope: string | undefined
  readonly network: NetworkSettings
  readonly flags: ReturnType<typeof readLogin>['values']
  readonly terminal: Terminal
  readonly workspace: Workspace
}

/** @throws UsageError */
export function readLogin(args: readonly string[]) {
  return readCall(args, loginOptions, 1)
}
