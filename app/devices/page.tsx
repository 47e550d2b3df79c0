import type { Metadata } from 'next'
import Link from 'next/link'
import type { Device } from 'next-atproto-auth'
import { z } from 'zod'
import { auth } from '../../auth.ts'
import { SignOutForm } from '../_frame/sign-out-form.tsx'
import { revokeDevice, signOutEverywhere } from './actions.ts'
import { Confirm } from './confirm.tsx'

export const metadata: Metadata = { title: 'Devices' }

interface DevicesProps {
  readonly searchParams: Promise<unknown>
}

// A link can say anything: a value that is odd counts as absent. What `revoke` names is only asked about here.
const paramsSchema = z.object({
  notice: z.enum(['revoked', 'failed', 'other-account']).optional().catch(undefined),
  revoke: z.string().max(200).optional().catch(undefined),
  everywhere: z.literal('ask').optional().catch(undefined),
})

/** Where the account is signed in, and how to end that. Each end is asked for twice, without a script. */
export default async function DevicesPage({ searchParams }: DevicesProps) {
  const session = await auth.requireSession({ returnTo: '/devices' })
  const [devices, handle] = await Promise.all([
    auth.listDevices(),
    session.getHandle().catch(() => null), // Only a name: without it the page is as good.
  ])
  const { notice, revoke, everywhere } = paramsSchema.parse(await searchParams)
  return (
    <div className="narrow">
      <h1>Devices</h1>
      <p>Where {handle === null ? 'your account' : <strong>@{handle}</strong>} is signed in to this app.</p>
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
    </div>
  )
}

const notices = {
  revoked: 'That device is signed out. It will notice with its next click.',
  'other-account': 'You have switched to another account since. Nothing was changed; these are its devices.',
  failed: 'That did not work just now. Nothing was changed; try again in a moment.',
} as const

interface DeviceItemProps {
  /** DID of the account whose device it is. */
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
        {isActive ? null : <p className="muted">Needs a new sign-in before it can be used.</p>}
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
    <Link
      className="button quiet"
      href={{ pathname: '/devices', query: { revoke: device } }}
      scroll={false}
      replace
    >
      Sign out…<span className="visually-hidden"> {label}</span>
    </Link>
  )
}

function Everywhere({ account, isAsked }: { readonly account: string; readonly isAsked: boolean }) {
  return (
    <section className="everywhere" aria-labelledby="everywhere-title">
      <h2 id="everywhere-title">Something you do not know?</h2>
      <p className="muted">
        Signing out everywhere ends every session of this account with this app, on this device too. Your
        server takes back the access that it gave.
      </p>
      {isAsked ? (
        <Confirm
          question="Sign out on all devices, this one too?"
          action={signOutEverywhere}
          cancel="/devices"
          yes="Sign out everywhere"
        >
          <input type="hidden" name="account" value={account} />
        </Confirm>
      ) : (
        <p>
          <Link className="button quiet" href="/devices?everywhere=ask" scroll={false} replace>
            Sign out everywhere…
          </Link>
        </p>
      )}
    </section>
  )
}

const dayFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' })

/** The store knows the day, not the hour. */
function day(date: Date) {
  return <time dateTime={date.toISOString().slice(0, 10)}>{dayFormat.format(date)}</time>
}
