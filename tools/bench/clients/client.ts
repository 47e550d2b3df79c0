/** The clients that are measured, each behind the same few verbs, as a loopback client. */
import type { Servers } from '../network/network.ts'

/** Where sessions are kept: in the memory of the process, or in a place that several processes share. */
export type StorePlace =
  | { readonly kind: 'memory' }
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'redis'; readonly url: string }

export interface MeasuredSession {
  readonly did: string
  /** Names one of several sessions of an account; undefined for clients that have one for each account. */
  readonly id: string | undefined
  /** Calls the PDS. */
  fetch(path: string, init: RequestInit): Promise<Response>
}

export interface RestoreChoice {
  readonly did: string
  /** The session; without it the account's session. */
  readonly id?: string | undefined
  /** Whether tokens are refreshed now; default when they end soon. */
  readonly refresh?: boolean | undefined
}

/** A client in a process that has just started: what it knows is in its stores. */
export interface MeasuredClient {
  authorize(handle: string): Promise<URL>
  callback(params: URLSearchParams): Promise<MeasuredSession>
  restore(choice: RestoreChoice): Promise<MeasuredSession>
}

/** Calls of the store by method, and how long each took, in milliseconds. */
export type StoreCalls = Record<string, number[]>

export interface Installation {
  /** A new client on the same stores. */
  start(): MeasuredClient
  /** What the client has asked of its store since the last call; empty for clients whose stores are not counted. */
  takeStoreCalls(): StoreCalls
}

export interface InstallOptions {
  readonly servers: Servers
  readonly place: StorePlace
  /** Whether calls of the store are counted, which costs time. */
  readonly isCounting: boolean
}

export type Install = (options: InstallOptions) => Promise<Installation> | Installation

export const REDIRECT = 'http://127.0.0.1:3000/callback'
export const SCOPE = 'atproto'
export const CLIENT_ID = `http://localhost?${new URLSearchParams({ redirect_uri: REDIRECT, scope: SCOPE })}`

export const noStoreCalls = (): StoreCalls => ({})
