/** Every address of the app, and every way to ask for one that caches, routers and attackers have found so far. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { AtpAgent } from '@atproto/api'
import type { LocalAccount } from '../network/accounts.ts'
import { drawAvatar } from '../network/avatar.ts'

export interface Form {
  readonly path: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

const flight = { rsc: '1' }
const prefetch = { rsc: '1', 'next-router-prefetch': '1' }
const runtimePrefetch = { rsc: '1', 'next-router-prefetch': '2' }
const segment = { ...prefetch, 'next-router-segment-prefetch': '/_tree' }
const pageSegment = { ...prefetch, 'next-router-segment-prefetch': '/__PAGE__' }

/** The post that `postPicture` makes; each person has one under this key. */
const POST_KEY = '3kaaaaaaaaa2a'
export const picturePath = `/picture?post=${POST_KEY}&at=0`

const spellings = ['//', '/.', '/%2e', '/./compose', '/%63ompose', '/COMPOSE', '/compose/', '//compose']
const nearMisses = ['/compose%2f', '/index', '/index.rsc', '/compose.rsc', '/compose.css', '/compose/x.css']

/** @param accounts whose pictures are asked for by name, by everybody */
export function formsFor(accounts: readonly LocalAccount[]): readonly Form[] {
  const avatars = accounts.map(({ did }) => `/avatar?${new URLSearchParams({ did })}`)
  return [
    ...['/', '/compose', '/sign-in', '/avatar', '/nowhere'].flatMap((path) => [
      { path },
      { path: `${path}?v=1` },
      { path, headers: flight },
      { path, headers: prefetch },
      { path: `${path}?_rsc=abcde`, headers: flight },
      { path, method: 'HEAD' },
    ]),
    ...['/devices', '/timeline', picturePath, ...avatars].flatMap((path) => [
      { path },
      { path, headers: flight },
      { path, headers: segment },
      { path, method: 'HEAD' },
    ]),
    ...['/compose/pictures', '/compose/too-large', '/timeline/allow'].flatMap((path) => [
      { path },
      { path, headers: flight },
    ]),
    { path: '/compose/upload' },
    { path: '/compose/upload', method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } },
    { path: '/devices?everywhere=ask' },
    ...[
      '/home',
      '/whole/home',
      '/whole/compose',
      '/whole/timeline',
      '/whole/devices',
      '/whole/sign-in',
    ].flatMap((path) => [{ path }, { path, headers: flight }, { path, headers: pageSegment }]),
    ...['/', '/compose', '/timeline', '/devices'].flatMap((path) => [
      { path: `${path}?scripts=off` },
      { path: `${path}?scripts=off`, headers: flight },
    ]),
    { path: '/sign-in?error=access_denied' },
    ...['/', '/compose'].flatMap((path) => [
      { path, headers: runtimePrefetch },
      { path, headers: segment },
      { path, headers: pageSegment },
      { path, headers: { 'x-middleware-prefetch': '1', purpose: 'prefetch' } },
      { path, headers: { accept: 'application/json' } },
      { path, headers: { 'x-forwarded-host': 'cache.example' } },
    ]),
    ...[...spellings, ...nearMisses, '/avatar.png', '/avatar/x.js'].map((path) => ({ path })),
    { path: '/compose.segments/_tree.segment.rsc', headers: segment },
    { path: '/_next/data/development/index.json' },
    { path: '/_next/data/x/compose.json', headers: { 'x-nextjs-data': '1' } },
    { path: '/_next/image?url=%2Favatar&w=64&q=75' },
    ...['login', 'callback', 'logout', 'switch', 'session', 'jwks.json'].map((name) => ({
      path: `/oauth/${name}`,
    })),
    ...['/oauth-client-metadata.json', '/logo.svg', '/icon.svg', '/_next/static/x.js'].map((path) => ({
      path,
    })),
  ]
}

/** The paths of all pages and route handlers in app/; `/oauth/*` for the library's. */
export function appPaths(): readonly string[] {
  const files = readdirSync(join(import.meta.dirname, '../../../app'), { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => /(^|\/)(page\.tsx|route\.ts)$/.test(file))
    .map((file) => `/${file.replace(/\/?[^/]+$/, '').replace('[...atproto]', '*')}`)
}

/** Posts a picture past the app, under the key that `picturePath` names; its bytes. */
export async function postPicture({ pdsUrl, did, password }: LocalAccount, size: number): Promise<Buffer> {
  const agent = new AtpAgent({ service: pdsUrl })
  await agent.login({ identifier: did, password })
  const picture = drawAvatar(size)
  const { data } = await agent.uploadBlob(picture, { encoding: 'image/png' })
  const embed = { $type: 'app.bsky.embed.images', images: [{ image: data.blob, alt: 'The moon' }] }
  const record = {
    $type: 'app.bsky.feed.post',
    text: 'A picture',
    createdAt: new Date().toISOString(),
    embed,
  }
  await agent.com.atproto.repo.putRecord({
    repo: did,
    collection: 'app.bsky.feed.post',
    rkey: POST_KEY,
    record,
  })
  return Buffer.from(picture)
}
