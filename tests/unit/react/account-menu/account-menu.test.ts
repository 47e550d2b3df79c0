import { describe, expect, it } from 'vitest'
import { AccountMenu, type AccountMenuProps } from '../../../../lib/react/account-menu/account-menu.tsx'
import { type MenuAccount, toMenuAccount } from '../../../../lib/react/account-menu/account-name.ts'
import { SignOutButton } from '../../../../lib/react/account-menu/sign-out-button.tsx'
import { render } from '../../../support/unit/render.ts'

const html = (props: AccountMenuProps) => render(AccountMenu, props)
const alice: MenuAccount = { did: 'did:plc:a', isActive: true, status: 'active', handle: 'alice.test' }
const bob: MenuAccount = { did: 'did:plc:b', isActive: false, status: 'active', displayName: 'Bob' }

describe('AccountMenu', () => {
  it('is a link to the sign-in page where nobody is signed in', () => {
    expect(html({ accounts: [], signInPage: '/sign-in', returnTo: '/a?b=c' })).toBe(
      '<a data-atproto="sign-in-link" href="/sign-in?returnTo=%2Fa%3Fb%3Dc">Sign in</a>',
    )
  })

  it('marks the active account, and shows the first one as such where the active one is missing', () => {
    const nobodyActive = [alice, bob].map((account) => ({ ...account, isActive: false }))
    for (const accounts of [[bob, alice], nobodyActive]) {
      const menu = html({ accounts })
      expect(menu.match(/aria-current="true"/g)).toHaveLength(1)
      expect(menu).toContain('aria-label="Accounts, @alice.test is active"')
    }
  })

  it('signs out of all accounts only where there are several', () => {
    expect(html({ accounts: [alice] })).not.toContain('Sign out of all accounts')
    expect(html({ accounts: [alice, bob] })).toContain('Sign out of all accounts')
  })

  it('escapes names, which are anybody’s text, and shows no picture from elsewhere than https', () => {
    const menu = html({
      accounts: [{ ...alice, displayName: '<img src=x onerror=alert(1)>', avatar: 'javascript:alert(1)' }],
    })
    expect(menu).not.toMatch(/<img|javascript:/)
  })

  it.each(['', ' ', '\u200b\u00ad', '\u202e\u2066', '\u3164\ufe0f', '\u00a0\u2003'])(
    'shows the handle for a name that no one sees: %j',
    (displayName) => {
      const menu = html({ accounts: [{ ...alice, displayName }] })
      expect(menu).toContain('aria-label="Accounts, @alice.test is active"')
      expect(menu).toContain('<bdi data-atproto="display-name">@alice.test</bdi></summary>')
      expect(menu).toContain('data-letter="a"')
      expect(html({ accounts: [{ ...alice, displayName, handle: '' }] })).toContain('Accounts, did:plc:a is')
    },
  )

  it('puts a name with a dollar sign where it belongs', () => {
    expect(html({ accounts: [{ ...bob, isActive: true, displayName: "$& $'" }] })).toContain(
      'aria-label="Accounts, $&amp; $&#x27; is active"',
    )
  })

  it('names nobody and offers no sign-in while the accounts cannot be read', () => {
    expect(html({ accounts: null })).toBe(
      '<span data-atproto="account-menu-unknown">Your accounts cannot be shown right now</span>',
    )
  })

  it('takes other words', () => {
    expect(html({ accounts: [alice, bob], words: { switchTo: 'Zu {name} wechseln' } })).toContain(
      'aria-label="Zu Bob did:plc:b wechseln"',
    )
  })
})

describe('toMenuAccount', () => {
  it('drops what an application has added: the account goes to the browser', () => {
    expect(toMenuAccount({ ...alice, ...{ plan: 'secret' } })).toEqual(alice)
  })
})

describe('SignOutButton', () => {
  it('is a form of its own to the logout route', () => {
    expect(render(SignOutButton, {})).toMatch(
      /^<form [^>]*action="\/oauth\/logout" method="post"><button .*Sign out</,
    )
  })

  it('names the account, the reach and the way on', () => {
    const button = render(SignOutButton, { did: 'did:plc:a', everywhere: true, returnTo: '/bye' })
    for (const field of [
      'name="did" value="did:plc:a"',
      'name="everywhere" value="1"',
      'name="returnTo" value="/bye"',
    ])
      expect(button).toContain(field)
    expect(button).toContain('Sign out everywhere')
  })
})
