/** The AppView that puts timelines together, if the operator names one; without it the app has no timeline. */
import { z } from 'zod'

const schema = z
  .string()
  .regex(/^did:[a-z]+:[A-Za-z0-9._:%-]+#[A-Za-z0-9._~-]+$/, 'APPVIEW is a DID, # and the name of a service')

/** What APPVIEW says, e.g. `did:web:api.bsky.app#bsky_appview`; undefined when it is not set. */
export function appView(): string | undefined {
  const text = process.env.APPVIEW
  return text ? schema.parse(text) : undefined
}

/** The permission to ask that service for the person's timeline, through their own server. */
export function timelineScope(service: string): string {
  const audience = encodeURIComponent(service).replaceAll('%3A', ':')
  return `rpc:app.bsky.feed.getTimeline?aud=${audience}`
}
