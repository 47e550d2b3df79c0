/** The AppView that compiles timelines (APPVIEW). Without one, this application has no timeline. */
import { z } from 'zod'

const schema = z
  .string()
  .regex(
    /^did:[a-z]+:[A-Za-z0-9._:%-]+#[A-Za-z0-9._~-]+$/,
    'APPVIEW must be a DID, # and the name of a service',
  )

/** The value of APPVIEW, e.g. `did:web:api.bsky.app#bsky_appview`; undefined when it is not set. */
export function appView(): string | undefined {
  const text = process.env.APPVIEW
  return text ? schema.parse(text) : undefined
}

/**
 * Origin of the web client that has pages for the people and hashtags of that service; undefined when none is known. The
 * accounts of another AppView, such as that of the demo, may not exist on bsky.app.
 */
export function webClient(): string | undefined {
  return appView() === 'did:web:api.bsky.app#bsky_appview' ? 'https://bsky.app' : undefined
}

/** The scope to get the person's timeline from that service, through their PDS. */
export function timelineScope(service: string): string {
  const audience = encodeURIComponent(service).replaceAll('%3A', ':')
  return `rpc:app.bsky.feed.getTimeline?aud=${audience}`
}
