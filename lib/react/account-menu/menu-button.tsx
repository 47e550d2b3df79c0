/** The button that opens the account menu, with the name and picture of the active account. */
'use client'

import { ProfilePicture } from '../parts/profile-picture.tsx'
import { useProfileOf } from '../session/session-context.tsx'
import { insertName, type MenuAccount, nameOf } from './account-name.ts'

interface MenuButtonProps {
  readonly account: MenuAccount
  /** Its name for screen readers; `{name}` stands for the account's name. */
  readonly label: string
}

export function MenuButton({ account, label }: MenuButtonProps) {
  const { avatar, ...rest } = useProfileOf(account)
  const name = nameOf(rest)
  return (
    <summary data-atproto="account-menu-button" aria-label={insertName(label, name)}>
      <ProfilePicture name={name} avatar={avatar} />
      <bdi data-atproto="display-name">{name}</bdi>
    </summary>
  )
}
