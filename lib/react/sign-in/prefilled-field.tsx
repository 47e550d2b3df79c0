/** Fills in a field that was shown before its value was known, unless the user has begun to type. */
'use client'

import { useEffect } from 'react'

interface PrefilledFieldProps {
  readonly fieldId: string
  readonly value: string | undefined
  /** The message that describes the field, if there is an error. */
  readonly errorId: string | undefined
  readonly isInvalid: boolean
}

/** Renders nothing. */
export function PrefilledField({ fieldId, value, errorId, isInvalid }: PrefilledFieldProps) {
  useEffect(() => {
    const field = document.getElementById(fieldId)
    if (!(field instanceof HTMLInputElement)) return
    const isUntouched = field.value === ''
    if (isUntouched && value !== undefined) field.value = value
    if (isInvalid) field.setAttribute('aria-invalid', 'true')
    if (errorId === undefined) return
    const described = field.getAttribute('aria-describedby') ?? ''
    field.setAttribute('aria-describedby', `${errorId} ${described}`.trim())
    // Where there is no error, the focus would move users past the content before the field.
    if (!isUntouched) return
    field.focus()
    field.setSelectionRange(field.value.length, field.value.length)
  }, [fieldId, value, errorId, isInvalid])
  return null
}
