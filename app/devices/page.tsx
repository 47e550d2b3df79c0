import type { Metadata } from 'next'
import type { Device } from 'next-atproto-auth'
import { z } from 'zod'
import { auth } from '../../auth.ts'
import { requirePerson } from '../_data/session.ts'
import { OutageNote } from '../_failure/outage.tsx'
import { SignOutForm } from '../_frame/sign-out-form.tsx'
import { Streamed } from '../_frame/streamed.tsx'
import { PageLink, WithoutScripts } from '../_frame/without-scripts.tsx'
import { revokeDevice, signOutEverywhere } from './actions.ts'
import { Confirm } from './confirm.tsx'

export const metadata: Metadata = { title: 'Devices' }

interface DevicesProps {
  readonly searchParams: Promise<unknown>
}

// A link can contain anything: an unexpected value counts as absent. `revoke` only leads to a question.
const paramsSchema = z.object({
  notice: z.enum(['revoked', 'failed', 'other-account']).optional().catch(undefined),
  revoke: z.string().max(200).optional().catch(undefined),
  everywhere: z.literal('ask').optional().catch(undefined),
})

/** The devices on which the account is signed in, with buttons to sign out there. Each asks for a confirmation; no script is needed. */
export default function DevicesPage({ searchParams }: DevicesProps) {
  return (
    <div className="narrow tall">
      <h1>Devices</h1>
      <WithoutScripts path="/devices">The list of your devices is not shown here.</WithoutScripts>
      <Streamed placeholder={<DevicesSkeleton />}>
        <Devices searchParams={searchParams} />
      </Streamed>
    </div>
  )
}

function DevicesSkeleton() {
  return (
    <div role="status">
      <p className="visually-hidden">The list of your devices is loading</p>
      <div className="lines skeleton" aria-hidden="true">
        <span className="line" />
        <span className="line short" />
      </div>
    </div>
  )
}

async function Devices({ searchParams }: DevicesProps) {
  const session = await requirePerson('/devices')
  if (session === 'outage') return <OutageNote path="/devices" />
  const [devices, handle] = await Promise.all([
    auth.listDevices(),
    session.getHandle().catch(() => null), // The page works without the name.
  ])
  const { notice, revoke, everywhere } = paramsSchema.parse(await searchParams)
  return (
    <>
      <p>
        {handle === null ? 'Your account' : <strong>@{handle}</strong>} is signed in to this app on these
        devices.
      </p>
      <p className={notice === undefined || notice === 'revoked' ? 'notice' : 'notice problem'} role="status">
        {notice && notices[notice]}
      </p>
      <ul className="devices">
        {devices.map((device) => (
          <li className="device" key={device.deviceId}>
            <DeviceItem account={session.did} device={device} isAsked={device.deviceId === revoke} />
          </li>
        ))}
      </ul>
      <Everywhere account={session.did} isAsked={everywhere !== undefined} />
    </>
  )
}

const notices = {
  revoked: 'That device is signed out. A page that is open there notices it at the next click.',
  'other-account':
    'You have switched to another account in the meantime. Nothing was changed; these are its devices.',
  failed: 'That did not work. Nothing was changed. Try again in a moment.',
} as const

interface DeviceItemProps {
  /** The DID of the account. */
  readonly account: string
  readonly device: Device
  readonly isAsked: boolean
}

function DeviceItem({ account, device, isAsked }: DeviceItemProps) {
  const { deviceId, label = 'Unknown browser', isCurrent, isActive } = device
  return (
    <>
      <div>
        <h2 id={deviceId}>{label}</h2>
        <p className="muted">
          {isCurrent ? <strong>This device</strong> : <>Last used {day(device.lastUsedAt)}</>}
          {' · '}signed in {day(device.createdAt)}
        </p>
        {isActive ? null : <p className="muted">You have to sign in again on this device.</p>}
      </div>
      {isCurrent ? (
        <SignOutForm did={account} label="Sign out here" />
      ) : isAsked ? null : (
        <AskToRevoke device={deviceId} label={label} />
      )}
      {isAsked && !isCurrent ? (
        <Confirm question={`Sign out ${label}?`} action={revokeDevice} cancel="/devices" yes="Sign it out">
          <input type="hidden" name="account" value={account} />
          <input type="hidden" name="device" value={deviceId} />
        </Confirm>
      ) : null}
    </>
  )
}

function AskToRevoke({ device, label }: { readonly device: string; readonly label: string }) {
  return (
    <PageLink
      className="button quiet"
      href={`/devices?${new URLSearchParams({ revoke: device })}`}
      scroll={false}
      replace
    >
      Sign out…<span className="visually-hidden"> {label}</span>
    </PageLink>
  )
}

function Everywhere({ account, isAsked }: { readonly account: string; readonly isAsked: boolean }) {
  return (
    <section className="everywhere" aria-labelledby="everywhere-title">
      <h2 id="everywhere-title">Is there a device that you do not recognise?</h2>
      <p className="muted">
        Signing out everywhere ends every session of this account in this app, including this one. Your server
        revokes the access that it gave to this app.
      </p>
      {isAsked ? (
        <Confirm
          question="Sign out on all devices, including this one?"
          action={signOutEverywhere}
          cancel="/devices"
          yes="Sign out everywhere"
        >
          <input type="hidden" name="account" value={account} />
        </Confirm>
      ) : (
        <p>
          <PageLink className="button quiet" href="/devices?everywhere=ask" scroll={false} replace>
            Sign out everywhere…
          </PageLink>
        </p>
      )}
    </section>
  )
}

const dayFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' })

/** The store keeps only the day. */
function day(date: Date) {
  return <time dateTime={date.toISOString().slice(0, 10)}>{dayFormat.format(date)}</time>
}
